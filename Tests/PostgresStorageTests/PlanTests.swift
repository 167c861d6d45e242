import MartletModel
import MartletTesting
import Testing
import UsersModel

@testable import PostgresStorage

@Suite struct PlanTests {
    @Test func `every statement for users finds its rows by an index`() async throws {
        let folder = try TemporaryFolder()
        let url = try await PostgresDatabases.url(in: folder.path)
        let schemas = [User.schema.resource]
        let database = PostgresDatabase(PostgresDatabase.Options(url: url))
        try await database.prepare(schemas)
        await database.close()
        let session = SessionSettings(synchronousCommit: .on, timeout: .seconds(60))
        let connection = try BlockingConnection(#require(ConnectionAddress(url)), for: .reads, session)
        try connection.execute(
            """
            SET statement_timeout = 0;
            INSERT INTO users (name, email) SELECT 'user ' || n, n || '@example.org' FROM generate_series(1, 5000) AS n;
            INSERT INTO martlet_idempotency (scope, fingerprint, time, result)
                SELECT sha256(int8send(n)), n, now(), '' FROM generate_series(1, 5000) AS n;
            ANALYZE users;
            ANALYZE martlet_idempotency
            """)
        var explained = 0
        for statement in Catalog(schemas).statements where Self.hasPlan(statement.sql) {
            let plan = try Self.plan(of: statement, on: connection)
            #expect(!plan.contains("Seq Scan") && !plan.contains("Sort"), "\(statement.sql)\n\(plan)")
            explained += 1
        }
        #expect(explained >= 12)
    }

    private static func hasPlan(_ sql: String) -> Bool {
        ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"].contains { sql.hasPrefix($0) }
    }

    static func plan(of statement: Statement, on connection: BlockingConnection) throws -> String {
        let types = try statement.types.map { type in
            try connection.rows("SELECT $1::oid::regtype", ["\(type)"])[0][0] ?? ""
        }
        let name = "explained_\(statement.id)"
        let list = types.isEmpty ? "" : "(\(types.joined(separator: ", ")))"
        try connection.execute("PREPARE \(name)\(list) AS \(statement.sql)")
        let values = types.isEmpty ? "" : "(\(types.map { _ in "NULL" }.joined(separator: ", ")))"
        return try connection.rows("EXPLAIN EXECUTE \(name)\(values)").compactMap { $0[0] }.joined(separator: "\n")
    }
}
