import Foundation
import MartletKernel
import MartletModel
import MartletTesting
import Testing

@testable import SQLiteStorage

func fileSize(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
}

private func mode(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
}

@Suite struct FileTests {
    @Test func `the file, its log and its directories are their owner's alone`() async throws {
        let folder = try TemporaryFolder()
        try await Fixture.open {
            $0.path = folder.file("a/b/martlet.db")
        } _: { fixture in
            try await fixture.insert("a")
            for name in ["a", "a/b"] { #expect(try mode(folder.file(name)) == 0o700) }
            for suffix in ["", "-wal", "-shm", ".lock"] {
                #expect(try mode(folder.file("a/b/martlet.db" + suffix)) == 0o600, "martlet.db\(suffix)")
            }
        }
    }

    @Test func `a second server on the same file is refused, also by another name of it`() async throws {
        try await Fixture.open { fixture in
            let link = fixture.folder.file("link.db")
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: fixture.options.path)
            for path in [fixture.options.path, link, fixture.folder.path + "/./martlet.db"] {
                let second = SQLiteDatabase(.init(path: path))
                await #expect { try await second.prepare([Note.resource]) } throws: { error in
                    guard case .unavailable(let message) = error as? StorageError else { return false }
                    return message.contains("in use by another server")
                }
            }
            try await fixture.insert("undisturbed")
        }
    }

    @Test func `after close the file stands alone and another server may have it`() async throws {
        let folder = try TemporaryFolder()
        try await Fixture.open(in: folder) { try await $0.insert("a") }
        #expect(!FileManager.default.fileExists(atPath: folder.file("martlet.db-wal")))
        #expect(!FileManager.default.fileExists(atPath: folder.file("martlet.db-shm")))
        #expect(try await Fixture.slugs(in: folder) == ["a"])
    }

    @Test func `the key of a deleted record does not come back, also after a restart`() async throws {
        let folder = try TemporaryFolder()
        try await Fixture.open(in: folder) { fixture in
            try await fixture.insert("a")
            let last = try await fixture.insert("b")
            _ = try await fixture.commit(Mutation(Note.resource, .delete(.integer(last.id))))
        }
        try await Fixture.open(in: folder) { fixture in
            let next = try await fixture.insert("c")
            #expect(next.id == 3)
        }
    }

    @Test func `the log's file is emptied when nothing is written`() async throws {
        let folder = try TemporaryFolder()
        let log = folder.file("martlet.db-wal")
        try await Fixture.open(in: folder) { fixture in
            try await fixture.insert("a")
            #expect(try fileSize(log) ?? 0 > 0)
        }
        try await Fixture.open(in: folder) {
            $0.idlePause = .milliseconds(1)
        } _: { fixture in
            try await fixture.insert("b")
            await eventually("an empty log") { (try? fileSize(log)) == 0 }
            #expect(try fixture.outside().integer("SELECT count(*) FROM notes") == 2)
        }
    }

    @Test(arguments: ["", "/", ".", "data/", "/dev/null/martlet.db", "/proc/martlet/martlet.db"])
    func `a path that can be no file is refused`(_ path: String) async throws {
        let database = SQLiteDatabase(.init(path: path))
        await #expect { try await database.prepare([Note.resource]) } throws: { isUnusable($0) }
    }

    @Test func `a file that is no database is refused and left as it is`() async throws {
        let folder = try TemporaryFolder()
        let text = String(repeating: "This is a letter, not a database. ", count: 100)
        try folder.write(text, to: "martlet.db")
        let database = SQLiteDatabase(.init(path: folder.file("martlet.db")))
        await #expect { try await database.prepare([Note.resource]) } throws: { isUnusable($0) }
        #expect(try String(contentsOfFile: folder.file("martlet.db"), encoding: .utf8) == text)
    }
}

func isUnusable(_ error: any Error) -> Bool {
    if case .unusable = error as? StorageError { true } else { false }
}
