import Backends
import CSQLite
import Foundation
import MartletKernel
import MartletModel
import MartletTesting
import Testing

@testable import MartletServer

/// Moving a resource from YAML to Swift changes nothing.
@Suite struct SwiftTests {
    private static let generated = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Generated/Specimen.swift")

    /// With `MARTLET_RECORD` in the environment the file is written anew.
    @Test func `what is printed is the source that these tests are compiled with`() throws {
        let source = SwiftModel(try Declared.resources()[1]).source
        if ProcessInfo.processInfo.environment["MARTLET_RECORD"] != nil {
            try source.write(to: Self.generated, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: Self.generated, encoding: .utf8) == source)
    }

    @Test func `the compiled schema says what the declared one says`() throws {
        #expect(try facts(Specimen.schema.resource) == facts(Declared.resources()[1]))
    }

    @Test(arguments: Backend.durable)
    func `the database of the one serves the other, and doesn't change`(_ backend: Backend) async throws {
        let folder = try TemporaryFolder()
        let declared = try Declared.resources()
        let before = try await prepare(declared, on: backend, in: folder)
        #expect(before.contains { $0.contains("mail_address") })
        let after = try await prepare([declared[0], Specimen.schema.resource], on: backend, in: folder)
        #expect(after == before)
        // And where there was none, the same is made.
        let new = try await prepare([declared[0], Specimen.schema.resource], on: backend, in: try TemporaryFolder())
        #expect(new == before)
    }

    /// - Returns: the definitions of all that the database then has.
    private func prepare(
        _ resources: [ResourceSchema], on backend: Backend, in folder: TemporaryFolder
    ) async throws -> [String] {
        let storage = try await backend.storage(in: folder.path)
        do {
            try await storage.prepare(resources)
        } catch {
            await storage.close()
            throw error
        }
        await storage.close()
        if backend.name == "sqlite" { return try schema(folder.file("martlet.db")) }
        let address = PostgresAddress(url: try await PostgresDatabases.url(in: folder.path))
        return try await address.run(Self.postgresSchema).split(separator: "\n").map(String.init)
    }

    private static let postgresSchema = """
        SELECT concat_ws(' ', table_name, column_name, data_type, collation_name, is_nullable, column_default)
        FROM information_schema.columns WHERE table_schema = 'public'
        UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid))
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1
        """

    private func schema(_ path: String) throws -> [String] {
        var database: OpaquePointer?
        defer { sqlite3_close(database) }
        try #require(sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, nil) == SQLITE_OK)
        var statement: OpaquePointer?
        defer { sqlite3_finalize(statement) }
        let sql = "SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY name"
        try #require(sqlite3_prepare_v2(database, sql, -1, &statement, nil) == SQLITE_OK)
        var rows: [String] = []
        while sqlite3_step(statement) == SQLITE_ROW {
            rows.append(sqlite3_column_text(statement, 0).map { String(cString: $0) } ?? "")
        }
        return rows
    }
}
