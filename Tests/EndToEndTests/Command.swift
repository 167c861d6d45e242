import Foundation
import MartletTesting
import Testing

/// A run of the real program to its end.
struct Command {
    let ending: ChildProcess.Ending
    let output: String
    let errors: String

    /// Runs `martlet` in a folder.
    init(_ arguments: [String], environment: [String: String] = [:], in folder: TemporaryFolder) async throws {
        let (output, log) = (folder.file("command.out"), folder.file("command.log"))
        let process = try ChildProcess(
            Executable.martlet, arguments, environment: environment, in: folder.path, output: output, log: log)
        ending = try #require(try await process.ending(within: .seconds(60)), "\(arguments) ends")
        self.output = try String(contentsOfFile: output, encoding: .utf8)
        errors = try String(contentsOfFile: log, encoding: .utf8)
    }
}
