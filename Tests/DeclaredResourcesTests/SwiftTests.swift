import CSQLite
import Foundation
import MartletKernel
import MartletModel
import MartletTesting
import SQLiteStorage
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

    @Test func `the database of the one serves the other, and doesn't change`() async throws {
        let folder = try TemporaryFolder()
        let declared = try Declared.resources()
        let before = try await prepare(declared, in: folder)
        #expect(before.contains { $0.contains("\"mail_address\"") })
        let after = try await prepare([declared[0], Specimen.schema.resource], in: folder)
        #expect(after == before)
        // And where there was none, the same is made.
        #expect(try await prepare([declared[0], Specimen.schema.resource], in: try TemporaryFolder()) == before)
    }

    /// - Returns: the SQL of all that the file then has.
    private func prepare(_ resources: [ResourceSchema], in folder: TemporaryFolder) async throws -> [String] {
        let path = folder.file("martlet.db")
        let database = SQLiteDatabase(.init(path: path))
        do {
            try await database.prepare(resources)
        } catch {
            await database.close()
            throw error
        }
        await database.close()
        return try schema(path)
    }

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
