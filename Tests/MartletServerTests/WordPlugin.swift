import Foundation
import Logging
import MartletKernel
import MartletModel
import ServiceLifecycle

/// A resource whose server says a word, which is the text of `word.yaml` in a watched folder. Some words are mistakes.
struct WordPlugin: Plugin {
    static let id: PluginID = "resources.word"
    static let summary = "Says a word."
    static let folder = Setting("folder", default: "", "Where the word is.")
    static var settings: [any SettingDescription] { [folder] }
    static var contributes: [any CapabilityDescription] { [Capability.resources, Capability.watchedPaths] }

    let word: String
    private let folder: String
    private let logger: Logger

    init(from context: inout PluginContext) throws {
        logger = context.logger
        folder = try context[Self.folder]
        let file = "\(folder)/word.yaml"
        word = (try? String(contentsOfFile: file, encoding: .utf8)) ?? "nothing"
        if word == "mistake" {
            throw ConfigurationError(
                issues: [1, 2].map { ConfigurationIssue(.file("word.yaml", line: $0, column: 1), "no word") })
        }
        try context.contribute(
            .resources, try ResourceSchema("notes", [FieldSchema("id", .integer, [.key(.generated)])]))
        try context.contribute(.watchedPaths, folder)
    }

    func start() async throws {
        // Not a watched file: an obstacle that stays whatever is configured.
        if word == "unstartable" || FileManager.default.fileExists(atPath: "\(folder)/obstacle") {
            throw FakeFailure(description: "it is no use")
        }
        if word == "slow", let start = Probe.current?.start {
            logger.info("starting slowly")
            for await _ in start {}
        }
    }

    func run() async throws {
        logger.info("says \(word)")
        try? await gracefulShutdown()
        if word == "bitter" { throw FakeFailure(description: "a bitter end") }
    }

    func stop() async {
        logger.info("stopped \(word)")
    }
}
