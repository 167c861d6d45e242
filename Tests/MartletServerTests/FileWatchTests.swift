import Foundation
import Testing

@testable import MartletServer

/// What counts as a change.
@Suite struct FileWatchTests {
    private let run: WatchedRun

    init() throws {
        run = try WatchedRun()
        try run.write("a", to: "a.yaml")
        try run.write("b", to: "b.txt")
    }

    private var snapshot: FileSnapshot {
        FileSnapshot(of: [run.folder.path, run.file("b.txt"), run.file("none")])
    }

    enum Step: String, CaseIterable {
        case grow, replace, touch, remove, add, alone, appear

        /// The file that changes.
        var name: String {
            switch self {
            case .grow, .replace, .touch, .remove: "a.yaml"
            case .add: "c.yaml"
            case .alone: "b.txt"
            case .appear: "none"
            }
        }

        func take(_ path: String) throws {
            switch self {
            case .grow, .add, .alone, .appear: try Data("longer".utf8).write(to: URL(fileURLWithPath: path))
            case .replace: try Data("x".utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
            case .touch:
                try FileManager.default.setAttributes([.modificationDate: Date.distantPast], ofItemAtPath: path)
            case .remove: try FileManager.default.removeItem(atPath: path)
            }
        }
    }

    @Test(arguments: Step.allCases)
    func `a change is seen, and in which file`(step: Step) throws {
        let before = snapshot
        try step.take(run.file(step.name))
        #expect(snapshot != before)
        #expect(snapshot.changes(since: before) == [run.file(step.name)])
    }

    @Test func `other files of a folder are nobody's business`() throws {
        let before = snapshot
        try run.write("c", to: "c.yaml.swp")
        try FileManager.default.createDirectory(
            at: run.folder.appendingPathComponent("d"), withIntermediateDirectories: false)
        try run.write("c", to: "d/c.yaml")
        #expect(snapshot == before)
    }

    @Test func `a folder that comes is a change`() throws {
        let path = run.file("d")
        let before = FileSnapshot(of: [path])
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        #expect(FileSnapshot(of: [path]).changes(since: before) == [path])
    }

    @Test func `a link is what it leads to`() throws {
        try FileManager.default.createSymbolicLink(atPath: run.file("link"), withDestinationPath: "b.txt")
        let before = FileSnapshot(of: [run.file("link")])
        try run.write("longer", to: "b.txt")
        #expect(FileSnapshot(of: [run.file("link")]) != before)
    }

    @Test func `a change that came before new paths were followed isn't missed`() async throws {
        var watch = FileWatch([run.folder.path])
        try run.write("longer", to: "a.yaml")
        watch.follow([run.folder.path, run.file("b.txt")])
        #expect(await watch.change(every: .milliseconds(1)) == [run.file("a.yaml")])
    }

    @Test func `a task that is cancelled waits no longer`() async throws {
        let task = Task { [run] in
            var watch = FileWatch([run.folder.path])
            return await watch.change(every: .milliseconds(1))
        }
        task.cancel()
        #expect(await task.value == nil)
    }
}
