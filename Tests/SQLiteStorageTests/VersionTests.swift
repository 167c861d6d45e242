import FaultyVFS
import FoundationEssentials
import MartletKernel
import MartletModel
import MartletSQL
import Testing

@testable import MartletTesting
@testable import SQLiteStorage

@Suite struct VersionTests {
    @Test func `a database from before records had versions is given them, and is as if made today`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("", to: "martlet.db")
        let path = folder.file("martlet.db")
        try Connection(.writer(.normal), path: path).execute(
            """
            CREATE TABLE "notes" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, \
            "title" TEXT NOT NULL CONSTRAINT "_check_title" \
            CHECK (instr("title", char(0)) = 0 AND length("title") >= 1 AND length("title") <= 40), \
            "slug" TEXT NOT NULL CONSTRAINT "_check_slug" CHECK (instr("slug", char(0)) = 0), \
            "place" INTEGER) STRICT;
            INSERT INTO notes (title, slug) VALUES ('old', 'old'), ('older', 'older');
            """)
        let note = Note(id: 1, title: "old", slug: "old")
        try await Fixture.open(in: folder) { fixture in
            #expect(try await fixture.notes().first == note)
            #expect(try await version(1, fixture) == 0)
            let update = Mutation(Note.resource, .update(.integer(1), try Note.row(title: "new", for: .patch)))
            guard case .committed = try await fixture.commit(update.if(.version([0]))) else {
                throw Fixture.Unexpected(what: "a refusal")
            }
            #expect(try await version(1, fixture) > 0)
            #expect(
                try await fixture.commit(update.if(.version([0])))
                    == .refused([Refusal(mutation: 0, .preconditionFailed)]))
        }
        let catalog = Catalog([Note.resource])
        #expect(
            try Connection(.reader, path: path).text("SELECT sql FROM sqlite_schema WHERE name = 'notes'")
                == catalog.tables[0].definition(catalog.graph))
        try await Fixture.open(in: folder) { fixture in
            let count = try await fixture.notes().count
            #expect(count == 2)
        }
    }

    @Test func `what was reserved and not used when a server ended is never given`() async throws {
        let folder = try TemporaryFolder()
        var last: Int64 = 0
        for round in 0..<3 {
            try await Fixture.open(in: folder) { fixture in
                let note = try await fixture.insert("\(round)")
                let given = try await version(note.id, fixture)
                let reserved = try fixture.outside().integer("SELECT reserved FROM martlet_versions")
                #expect(given > last)
                #expect(given <= reserved)
                last = reserved
            }
        }
    }

    @Test func `more versions than are reserved at once are reserved as they are needed`() async throws {
        try await Fixture.open { fixture in
            for round in 0..<6 {
                let mutations = try (0..<1000).map { try Note.insertion("\(round)-\($0)") }
                _ = try await fixture.database.commit(Transaction(mutations, at: .epoch), .test)
                let outside = try fixture.outside()
                let given = try outside.integer("SELECT max(_version) FROM notes")
                #expect(given <= (try outside.integer("SELECT reserved FROM martlet_versions")))
            }
            #expect(try fixture.outside().integer("SELECT count(DISTINCT _version) FROM notes") == 6000)
        }
    }

    @Test func `a reservation that was lost with its commit is made again`() async throws {
        let disk = try FaultyDisk()
        try await Fixture.open {
            $0.vfs = disk.name
        } _: { fixture in
            disk.fail(FAULTY_LOG_WRITE, FaultyDisk.Code.full)
            await #expect(throws: StorageError.full) { try await fixture.insert("lost") }
            disk.repair(FAULTY_LOG_WRITE)
            let note = try await fixture.insert("kept")
            let reserved = try fixture.outside().integer("SELECT reserved FROM martlet_versions")
            #expect(try await version(note.id, fixture) <= reserved)
        }
    }

    @Test func `a deletion gives versions to the records that it changes, and others to nothing`() async throws {
        try await Fixture.open(Subject.schemas) { fixture in
            _ = try await fixture.commit(.insert(Owner("ada")), .insert(Owner("bob")), .insert(Folder("one")))
            let folder = try fixture.outside().integer("SELECT id FROM folders")
            _ = try await fixture.commit(
                .insert(Document(UUID(number: 1), title: "1", in: folder, owner: "ada")),
                .insert(Document(UUID(number: 2), title: "2", in: folder, owner: "bob")))
            let delete = Transaction([.delete(Owner.self, .string("ada"))], at: Timestamp(clamping: 77))
            _ = try await fixture.database.commit(delete, .test)
            let outside = try fixture.outside()
            #expect(try outside.text("SELECT group_concat(updated_at) FROM documents WHERE owner IS NULL") == "77")
            #expect(
                try outside.integer("SELECT _version FROM documents WHERE owner IS NULL")
                    > outside.integer("SELECT _version FROM documents WHERE owner IS NOT NULL"))
            #expect(try outside.integer("SELECT count(DISTINCT _version) FROM documents") == 2)
        }
    }

    private func version(_ id: Int64, _ fixture: Fixture) async throws -> Int64 {
        try await fixture.database.rows(for: Query(Note.resource, .key(.integer(id))), .test).version
    }
}

extension Mutation {
    fileprivate func `if`(_ precondition: Precondition) -> Mutation {
        Mutation(resource, change, if: precondition)
    }
}
