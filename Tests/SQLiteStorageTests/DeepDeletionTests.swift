import MartletKernel
import MartletModel
import MartletTesting
import Testing

@testable import SQLiteStorage

/// Deletions that go down more levels than SQLite's own cascade.
@Suite struct DeepDeletionTests {
    private static func nodes(_ name: String = "nodes", in parents: String = "nodes") throws -> ResourceSchema {
        try ResourceSchema(
            name,
            [
                FieldSchema("id", .integer, [.key(.generated)]),
                FieldSchema(
                    "parent", .integer, isNullable: true, [.references(parents, onDelete: .cascade), .indexed]),
            ])
    }

    private func open(_ schemas: [ResourceSchema], _ sql: String, _ body: (Fixture) async throws -> Void) async throws {
        try await Fixture.open(schemas) { fixture in
            try Connection(.writer(.normal), path: fixture.options.path).execute(sql)
            try await body(fixture)
            #expect(try fixture.outside().text("PRAGMA foreign_key_check") == "")
        }
    }

    private func delete(_ key: Int64, of resource: ResourceSchema, _ fixture: Fixture) async throws {
        let result = try await fixture.commit(Mutation(resource, .delete(.integer(key))))
        guard case .committed = result else { throw Fixture.Unexpected(what: "\(result)") }
    }

    private static func chain(_ count: Int, of table: String = "nodes", from first: Int = 1) -> String {
        """
        WITH RECURSIVE n (id) AS (VALUES (\(first)) UNION ALL SELECT id + 1 FROM n WHERE id < \(first + count - 1))
        INSERT INTO \(table) (id, parent) SELECT id, nullif(id - 1, \(first - 1)) FROM n;
        """
    }

    @Test(arguments: [1000, 1001, 1002, 100_000])
    func `a chain goes as a whole, and what isn't in it stays`(_ count: Int) async throws {
        let nodes = try Self.nodes()
        try await open([nodes], Self.chain(count) + "INSERT INTO nodes (id, parent) VALUES (200000, NULL)") { fixture in
            try await delete(1, of: nodes, fixture)
            #expect(try fixture.outside().text("SELECT group_concat(id) FROM nodes") == "200000")
        }
    }

    @Test func `a circle goes as a whole, from wherever it is entered`() async throws {
        let nodes = try Self.nodes()
        let circle = Self.chain(3000) + "UPDATE nodes SET parent = 3000 WHERE id = 1"
        try await open([nodes], circle) { fixture in
            try await delete(1500, of: nodes, fixture)
            #expect(try fixture.outside().integer("SELECT count(*) FROM nodes") == 0)
        }
    }

    @Test func `a circle of resources goes as a whole`() async throws {
        let (as_, bs) = (try Self.nodes("as", in: "bs"), try Self.nodes("bs", in: "as"))
        // a1 ← b1 ← a2 ← b2 …
        let sql =
            "BEGIN; PRAGMA defer_foreign_keys = ON; "
            + "WITH RECURSIVE n (id) AS (VALUES (1) UNION ALL SELECT id + 1 FROM n WHERE id < 2000) "
            + "INSERT INTO \"as\" (id, parent) SELECT id, nullif(id - 1, 0) FROM n; "
            + "INSERT INTO bs (id, parent) SELECT id, id FROM \"as\"; COMMIT"
        try await open([as_, bs], sql) { fixture in
            try await delete(1, of: as_, fixture)
            #expect(
                try fixture.outside().integer("SELECT (SELECT count(*) FROM \"as\") + (SELECT count(*) FROM bs)") == 0)
        }
    }

    @Test func `references to a deep chain become null, with a new version, or restrict it`() async throws {
        let nodes = try Self.nodes()
        func leaves(_ name: String, _ rule: DeleteRule) throws -> ResourceSchema {
            try ResourceSchema(
                name,
                [
                    FieldSchema("id", .integer, [.key(.generated)]),
                    FieldSchema("node", .integer, isNullable: true, [.references("nodes", onDelete: rule), .indexed]),
                ])
        }
        let (marks, locks) = (try leaves("marks", .setNull), try leaves("locks", .restrict))
        let sql =
            Self.chain(1001) + "INSERT INTO marks (node) SELECT id FROM nodes; INSERT INTO locks (node) VALUES (1001)"
        try await open([nodes, marks, locks], sql) { fixture in
            let referrer = Refusal.Referrer(resource: "locks", field: "node")
            let result = try await fixture.commit(Mutation(nodes, .delete(.integer(1))))
            #expect(result == .refused([Refusal(mutation: 0, .stillReferenced([referrer]))]))
            try await delete(1, of: locks, fixture)
            try await delete(1, of: nodes, fixture)
            let outside = try fixture.outside()
            #expect(try outside.integer("SELECT count(*) FROM nodes") == 0)
            #expect(try outside.integer("SELECT count(*) FROM marks WHERE node IS NULL AND _version > 0") == 1001)
        }
    }

    @Test func `many records that refer to one go with it`() async throws {
        let nodes = try Self.nodes()
        let sql =
            "INSERT INTO nodes (id) VALUES (1); "
            + "WITH RECURSIVE n (id) AS (VALUES (2) UNION ALL SELECT id + 1 FROM n WHERE id < 100000) "
            + "INSERT INTO nodes (id, parent) SELECT id, 1 FROM n"
        try await open([nodes], sql) { fixture in
            try await delete(1, of: nodes, fixture)
            #expect(try fixture.outside().integer("SELECT count(*) FROM nodes") == 0)
        }
    }
}
