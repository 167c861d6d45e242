import FoundationEssentials
import MartletKernel
import MartletModel
import MartletSQL
import Testing

@testable import MartletTesting
@testable import SQLiteStorage

@Suite struct ReferenceTests {
    private static let catalog = Catalog(Subject.schemas)

    @Test func `the SQL of references, their indexes and triggers`() throws {
        let documents = try #require(Self.catalog.graph.table(named: "documents"))
        let definition = documents.definition(Self.catalog.graph)
        #expect(definition.contains(#""folder" INTEGER NOT NULL REFERENCES "folders" ("id") ON DELETE CASCADE"#))
        #expect(definition.contains(#"REFERENCES "owners" ("id") ON DELETE SET NULL"#))
        #expect(
            documents.indexes.map(\.name) == [
                "documents.folder.index", "documents.owner.index", "documents.reviewer.index",
                "documents.folder+title.unique", "documents.owner+title.index",
            ])
        #expect(
            documents.triggers.first?.definition == """
                CREATE TRIGGER "documents.owner.setnull" AFTER UPDATE OF "owner" ON "documents" \
                WHEN NEW."_version" = OLD."_version" BEGIN UPDATE "documents" \
                SET "_version" = (SELECT current FROM martlet_versions), \
                "updated_at" = (SELECT time FROM martlet_versions) WHERE "id" = NEW."id"; END
                """)
        let remarks = try #require(Self.catalog.graph.table(named: "remarks"))
        #expect(remarks.definition(Self.catalog.graph).contains(#"REFERENCES "documents" ("id") ON DELETE NO ACTION"#))
        #expect(remarks.triggers.isEmpty)
    }

    @Test func `a deletion and each search for what refers reads no whole table`() async throws {
        try await Fixture.open(Subject.schemas) { fixture in
            let outside = try fixture.outside()
            var count = 0
            for table in Self.catalog.tables {
                let graph = Self.catalog.graph
                let selections = [graph.cascadeSelection(of: table), table.violationSelection(graph)]
                for sql in selections + [table.delete] + [graph.referrers(of: table)?.selection].compactMap(\.self) {
                    count += 1
                    let plan = try Statement("EXPLAIN QUERY PLAN " + sql, on: outside)
                    while try plan.step() {
                        let step = plan.text(3)
                        // What is deleted is a list in memory: it alone is read from end to end.
                        let isList = ["SCAN deleted", "SCAN one", "SCAN CONSTANT ROW", "SCAN 2 CONSTANT ROWS"]
                        #expect(!step.hasPrefix("SCAN") || isList.contains(step), "\(sql): \(step)")
                    }
                }
            }
            #expect(count > 20)
        }
    }

    @Test(arguments: [
        ("folder INTEGER NOT NULL, other INTEGER NOT NULL", true),
        ("folder INTEGER NOT NULL REFERENCES folders ON DELETE RESTRICT, other INTEGER NOT NULL", true),
        (
            "folder INTEGER NOT NULL REFERENCES folders ON DELETE CASCADE, other INTEGER NOT NULL REFERENCES folders",
            true
        ),
        ("folder INTEGER NOT NULL REFERENCES folders ON DELETE CASCADE, other INTEGER NOT NULL", false),
    ])
    func `a table gets the references that it lacks, and loses those that it has beside the schema`(
        _ columns: String, _ isChanged: Bool
    ) async throws {
        let plain = try ResourceSchema("folders", [FieldSchema("id", .integer, [.key(.generated)])])
        let notes = try ResourceSchema(
            "notes",
            [
                FieldSchema("id", .integer, [.key(.generated)]),
                FieldSchema("folder", .integer, [.references("folders", onDelete: .cascade)]),
                FieldSchema("other", .integer),
            ])
        let folder = try TemporaryFolder()
        try folder.write("", to: "martlet.db")
        let path = folder.file("martlet.db")
        try Connection(.writer(.normal), path: path).execute(
            """
            CREATE TABLE folders (id INTEGER PRIMARY KEY AUTOINCREMENT) STRICT;
            CREATE TABLE notes (id INTEGER PRIMARY KEY AUTOINCREMENT, \(columns)) STRICT;
            INSERT INTO folders VALUES (3); INSERT INTO notes VALUES (7, 3, 3);
            """)
        try await Fixture.open(in: folder, [plain, notes]) { fixture async throws in
            #expect(
                try fixture.outside().text(
                    "SELECT group_concat(\"from\" || ' ' || \"table\" || ' ' || on_delete) FROM pragma_foreign_key_list('notes')"
                )
                    == "folder folders CASCADE")
            #expect(try fixture.outside().integer("SELECT id FROM notes WHERE folder = 3 AND other = 3") == 7)
        }
        let definition = try Connection(.reader, path: path).text("SELECT sql FROM sqlite_schema WHERE name = 'notes'")
        // What fits stays as its author wrote it, but for the version.
        #expect(definition.contains("\"folder\"") == isChanged)
    }

    @Test func `a reference of the database's own that stands against a deletion is no client's mistake`() async throws
    {
        try await Fixture.open { fixture in
            let note = try await fixture.insert("a")
            try Connection(.writer(.normal), path: fixture.options.path).execute(
                "CREATE TABLE mine (note INTEGER REFERENCES notes); INSERT INTO mine VALUES (\(note.id))")
            let delete = Mutation(Note.resource, .delete(.integer(note.id)))
            await #expect { try await fixture.commit(delete) } throws: { isOutdated($0) }
            #expect(try await fixture.notes() == [note])
        }
    }

    @Test func `a chain of records that refer to each other goes as one`() async throws {
        try await Fixture.open(Subject.schemas) { fixture in
            var parent: Int64?
            var first: Int64 = 0
            for number in 0..<200 {
                guard
                    case .committed(let written) = try await fixture.commit(.insert(Folder("\(number)", in: parent)))
                else { throw Fixture.Unexpected(what: "a refusal") }
                parent = written[0].record[0, 0].integer
                if number == 0 { first = parent ?? 0 }
            }
            // One that keeps the last is found along the whole chain.
            _ = try await fixture.commit(.insert(Document(UUID(number: 1), in: parent ?? 0)))
            _ = try await fixture.commit(.insert(Remark(1, on: UUID(number: 1))))
            let delete = Mutation.delete(Folder.self, .integer(first))
            let referrer = Refusal.Referrer(resource: "remarks", field: "document")
            #expect(try await fixture.commit(delete) == .refused([Refusal(mutation: 0, .stillReferenced([referrer]))]))
            _ = try await fixture.commit(.delete(Remark.self, .integer(1)))
            guard case .committed = try await fixture.commit(delete) else {
                throw Fixture.Unexpected(what: "a refusal")
            }
            #expect(
                try await fixture.database.rows(for: Query(Folder.resource, .page(after: nil, limit: 9)), .test).isEmpty
            )
        }
    }

    @Test func `a tree that is deeper than SQLite goes down goes all the same`() async throws {
        try await Fixture.open(Subject.schemas) { fixture in
            let parent = { (mutation: Int) in [2: ResultReference(mutation: mutation, column: 0)] }
            let chain = try (0..<2500).map { number in
                number == 0
                    ? try Mutation.insert(Folder("stem"))
                    : Mutation(
                        Folder.resource, .insert(try Folder("\(number)").insertion(taking: parent(number - 1))),
                        references: parent(number - 1))
            }
            guard
                case .committed(let written) = try await fixture.database.commit(Transaction(chain, at: .epoch), .test)
            else {
                throw Fixture.Unexpected(what: "a refusal")
            }
            let last = written[2499].record[0, 0].integer ?? 0
            _ = try await fixture.commit(
                .insert(Owner("ada")), .insert(Document(UUID(number: 1), in: last, owner: "ada")),
                .insert(Remark(1, on: UUID(number: 1), folder: last)), .insert(Remark(2, on: UUID(number: 1))))
            let delete = Mutation.delete(Folder.self, written[0].record.key(of: Folder.self))
            let referrer = Refusal.Referrer(resource: "remarks", field: "document")
            #expect(try await fixture.commit(delete) == .refused([Refusal(mutation: 0, .stillReferenced([referrer]))]))
            _ = try await fixture.commit(.delete(Remark.self, .integer(2)))
            let stale = Mutation.delete(Folder.self, written[0].record.key(of: Folder.self), if: .version([-1]))
            #expect(try await fixture.commit(stale) == .refused([Refusal(mutation: 0, .preconditionFailed)]))
            #expect(try await fixture.commit(delete) == .committed([Written(written[0].record, isNew: false)]))
            for table in ["folders", "documents", "remarks"] {
                #expect(try fixture.outside().integer("SELECT count(*) FROM \(table)") == 0, "\(table)")
            }
            #expect(try fixture.outside().text("PRAGMA foreign_key_check") == "")
            // References restrict again at once.
            _ = try await fixture.commit(.insert(Remark(3, author: "ada")))
            guard case .refused = try await fixture.commit(.delete(Owner.self, .string("ada"))) else {
                throw Fixture.Unexpected(what: "no refusal")
            }
        }
    }
}
