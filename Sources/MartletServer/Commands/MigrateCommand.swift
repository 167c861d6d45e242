import ArgumentParser
import MartletKernel

/// `martlet migrate`
struct MigrateCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Brings the database in line with the resources.",
        discussion: """
            A start does the same as far as nothing is lost, and refuses the rest with all that stands against it. No \
            server may run on the database meanwhile; --plan may be asked beside one.

            A migration is done whole or not at all. Make a backup before --allow-destructive.
            """)

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Prints the SQL that would be run, what would lose data and what stands against it. Changes nothing.")
    var plan = false

    @Flag(help: "Also drops columns with their values, and goes over what was changed by hand.")
    var allowDestructive = false

    func validate() throws {
        guard !(plan && allowDestructive) else {
            throw ValidationError("--plan only tells, --allow-destructive does: give one of them.")
        }
    }

    func run(in martlet: Martlet) async throws {
        let migration = try await options.load(in: martlet, isForStart: true).migrate(
            plan ? .plan : allowDestructive ? .destructive : .lossless)
        if migration.isNothing {
            martlet.console.output("nothing to do: the database fits its resources")
        } else if plan {
            martlet.console.output(migration.script)
        } else {
            for repair in migration.repairs { martlet.console.output("made again: \(repair)") }
            for change in migration.changes { martlet.console.output("done: \(change.summary)") }
        }
    }
}
