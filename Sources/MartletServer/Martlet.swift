import ArgumentParser
import Glibc
public import MartletKernel
import UnixSignals

/// The command line of a server, for any list of plugins. A program's `main.swift` is one line:
///
/// ```swift
/// await Martlet.main([HTTPTransport.self, SQLiteStorage.self, BooksResource.self])
/// ```
///
/// The list is all that can be loaded; the configuration chooses from it.
public struct Martlet: Sendable {
    public static let version = "0.1.0"

    let plugins: [any Plugin.Type]
    let console: Console
    let environment: [String: String]
    /// The configuration file that is used when none is named.
    let standardFile: String?
    /// A file that was likely meant to be that, and isn't read by its name.
    let misnamedFile: String?
    /// Where a server's log goes.
    let logDescriptor: CInt
    let signals: @Sendable () async -> any Signals
    /// Ends the process with a status, at once.
    let end: @Sendable (CInt) -> Void
    /// How often watched files are looked at.
    let watchInterval: Duration

    init(
        _ plugins: [any Plugin.Type], console: Console = .standard,
        environment: [String: String] = ConfigurationSources.processEnvironment,
        standardFile: String? = ConfigurationSources.standardFile,
        misnamedFile: String? = ConfigurationSources.misnamedStandardFile, logDescriptor: CInt = Console.standardError,
        signals: @escaping @Sendable () async -> any Signals = {
            await UnixSignalsSequence(trapping: Self.signalsToStop)
        },
        end: @escaping @Sendable (CInt) -> Void = { _exit($0) }, watchInterval: Duration = .milliseconds(250)
    ) {
        self.plugins = plugins
        self.console = console
        self.environment = environment
        self.standardFile = standardFile
        self.misnamedFile = misnamedFile
        self.logDescriptor = logDescriptor
        self.signals = signals
        self.end = end
        self.watchInterval = watchInterval
    }

    /// SIGHUP is what a server gets when its terminal closes. nohup(1) has it ignored before the start, which stays so.
    private static var signalsToStop: [UnixSignal] {
        var action = sigaction()
        sigaction(SIGHUP, nil, &action)
        // Functions can't be compared: SIG_IGN is the address 1.
        let isIgnored =
            unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
        return isIgnored ? [.sigterm, .sigint] : [.sigterm, .sigint, .sighup]
    }

    /// Does what the process's arguments ask for, and ends it with a status of sysexits.h.
    public static func main(_ plugins: [any Plugin.Type]) async -> Never {
        // A reader of the log or a client that goes away is an error of that write, not the end of the server.
        signal(SIGPIPE, SIG_IGN)
        Console.openMissing()
        exit(await Martlet(plugins).run(Array(CommandLine.arguments.dropFirst())))
    }

    /// - Returns: the exit status.
    func run(_ arguments: [String]) async -> CInt {
        do {
            if let name = arguments.first, let error = RootCommand.unknownCommand(name) {
                console.error(error)
                return ExitStatus.usage.rawValue
            }
            var command = try RootCommand.parseAsRoot(arguments)
            if let command = command as? any Command {
                try await command.run(in: self)
            } else {
                try command.run()
            }
            return ExitStatus.success.rawValue
        } catch {
            return report(error).rawValue
        }
    }

    private func report(_ error: any Error) -> ExitStatus {
        switch error {
        case let error as ConfigurationError:
            console.error("\(error)")
            return .configuration
        case let error as KernelError:
            console.error("\(error)")
            return ExitStatus(error.kind)
        case let error as LoggedError:
            return ExitStatus(error.kind)
        case let error as WiringError:
            console.error("\(error)")
            return .bug
        case let error as CommandError:
            console.error("\(error)")
            return .configuration
        default:
            // What remains are the parser's own: requests for help, and arguments that aren't right.
            let message = RootCommand.fullMessage(for: error)
            guard RootCommand.exitCode(for: error).isSuccess else {
                console.error(message)
                return error is CancellationError ? .bug : .usage
            }
            console.output(message)
            return .success
        }
    }
}

/// The signals that a process gets, as they come.
typealias Signals = AsyncSequence<UnixSignal, Never> & Sendable

/// Why a command can't do its work with the configuration that there is.
struct CommandError: Error, CustomStringConvertible {
    let description: String
}
