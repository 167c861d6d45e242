import Foundation
import MartletTesting
import Testing

@Suite struct ChildProcessTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func `a program runs in its folder with its arguments, and only its environment`() async throws {
        let process = try ChildProcess(
            "/bin/sh", ["-c", #"pwd; echo "$1|$2|$NAME|$HOME"; echo problem >&2; exit 7"#, "sh", "a b", "'\"$x"],
            environment: ["NAME": "value"], in: folder.path, output: folder.file("out"), log: folder.file("log"))
        #expect(try await process.ending(within: .seconds(30)) == .exited(7))
        #expect(try String(contentsOfFile: folder.file("out"), encoding: .utf8) == "\(folder.path)\na b|'\"$x|value|\n")
        #expect(try String(contentsOfFile: folder.file("log"), encoding: .utf8) == "problem\n")
    }

    @Test func `signals reach a program, and the one that ended it is told`() async throws {
        let process = try ChildProcess("/bin/sleep", ["600"], in: folder.path)
        #expect(process.ending == nil)
        process.send(SIGTERM)
        #expect(try await process.ending(within: .seconds(30)) == .signalled(SIGTERM))
        #expect(process.ending == .signalled(SIGTERM))
    }

    @Test func `a program that goes on is waited for no longer than told`() async throws {
        let process = try ChildProcess("/bin/sleep", ["600"], in: folder.path)
        #expect(try await process.ending(within: .milliseconds(10)) == nil)
    }

    @Test func `a program ends with its owner`() async throws {
        var process: ChildProcess? = try ChildProcess("/bin/sleep", ["600"], in: folder.path)
        let pid = try #require(process?.pid)
        process = nil
        // Its end was waited for: the id is nobody's, or another program's by now.
        #expect(!commandLine(of: pid).contains("sleep"))
    }

    /// A shell stands for the test's process: it is killed, and so can clean up nothing.
    @Test func `a program does not outlive a process that is killed`() async throws {
        try folder.write(ChildProcess.watchedStart, to: "watched.sh")
        let owner = try ChildProcess(
            "/bin/sh",
            [
                "-c",
                #"mkfifo fifo; sh watched.sh . /bin/sh -c 'echo $$ > pid; exec sleep 600' 3< fifo & exec 4> fifo; wait"#,
            ],
            environment: ["PATH": "/usr/bin:/bin"], in: folder.path)
        let pid = try #require(
            await eventually { Int32(text(of: "pid").trimmingCharacters(in: .whitespacesAndNewlines)) })
        #expect(try await eventually { commandLine(of: pid).contains("sleep") ? true : nil } == true)
        owner.send(SIGKILL)
        #expect(try await eventually { commandLine(of: pid).contains("sleep") ? nil : true } == true)
    }

    @Test func `a folder goes with its owner`() throws {
        var other: TemporaryFolder? = try TemporaryFolder()
        let path = try other?.write("text", to: "file") ?? ""
        #expect(FileManager.default.fileExists(atPath: path))
        other = nil
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    private func text(of file: String) -> String {
        (try? String(contentsOfFile: folder.file(file), encoding: .utf8)) ?? ""
    }

    private func commandLine(of pid: Int32) -> String {
        (try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8)) ?? ""
    }

    private func eventually<Value>(_ value: () -> Value?) async throws -> Value? {
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            // Looked at once more behind the deadline: on a busy machine a short sleep can be longer than that.
            let isLast = ContinuousClock.now >= deadline
            if let value = value() { return value }
            if isLast { return nil }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
