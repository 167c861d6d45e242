import MartletKernel
import MartletModel
import MartletTesting
import Testing
import UsersModel

@testable import PostgresStorage

/// What others' locks, and clients that have gone, do to reads and writes.
@Suite struct WaitingTests {
    private static let users = User.schema.resource

    private static func insertion(_ number: Int) throws -> Mutation {
        try Mutation(users, .insert(row("user \(number)", "\(number)@example.org")))
    }

    private static func row(_ name: String, _ email: String?, for kind: WriteKind = .create) throws -> ValidatedRow {
        var rows = RowBatch(width: users.width)
        rows.appendAbsentRow()
        rows.set(row: 0, column: 1, to: name)
        if let email { rows.set(row: 0, column: 2, to: email) }
        return try ValidatedRow(rows, users, for: kind)
    }

    private static func renaming(_ key: Int64, _ name: String) throws -> Transaction {
        let update = Mutation(users, .update(.integer(key), try row(name, nil, for: .patch)))
        return Transaction([update], at: .epoch)
    }

    /// A database with two users, and a connection of somebody else's.
    private func withDatabase(
        _ body: (PostgresDatabase, BlockingConnection) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let url = try await PostgresDatabases.url(in: folder.path)
        let database = PostgresDatabase(PostgresDatabase.Options(url: url))
        try await database.prepare([Self.users])
        let session = SessionSettings(synchronousCommit: .off, timeout: .seconds(60))
        let other = try BlockingConnection(#require(ConnectionAddress(url)), for: .setup, session)
        do {
            _ = try await database.commit(Transaction([Self.insertion(1), Self.insertion(2)], at: .epoch), .test)
            try await body(database, other)
            await database.close()
        } catch {
            await database.close()
            throw error
        }
    }

    @Test func `a transaction that waits for a lock lets the others pass, and is done when it is given up`()
        async throws
    {
        try await withDatabase { database, other in
            try other.execute("BEGIN; UPDATE users SET name = 'held' WHERE id = 1")
            async let waiting = database.commit(Self.renaming(1, "waited"), .test)
            for number in 3...40 {
                guard
                    case .committed = try await database.commit(
                        Transaction([Self.insertion(number)], at: .epoch), .test)
                else {
                    Issue.record("\(number) was refused")
                    continue
                }
            }
            try other.execute("COMMIT")
            // Where this machine was too slow for its patience, it was refused, and nothing was done.
            do {
                let result = try await waiting
                guard case .committed(let written) = result else { throw StorageError.internal("\(result)") }
                #expect(written[0].record.string(of: written[0].record[0, 1]) == "waited")
            } catch StorageError.timedOut {
                #expect(try other.rows("SELECT name FROM users WHERE id = 1") == [["held"]])
            }
        }
    }

    @Test func `a lock that is not given up ends in a refusal, and nothing is done`() async throws {
        try await withDatabase { database, other in
            try other.execute("BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
            await #expect(throws: StorageError.self) { try await database.commit(Self.renaming(1, "new"), .test) }
            await #expect(throws: StorageError.self) {
                try await database.rows(for: Query(Self.users, .key(.integer(1))), .test)
            }
            try other.execute("COMMIT")
            #expect(try other.rows("SELECT name FROM users WHERE id = 1") == [["user 1"]])
            #expect(try await database.rows(for: Query(Self.users, .key(.integer(1))), .test).count == 1)
        }
    }

    @Test func `what nobody waits for any more is not begun`() async throws {
        try await withDatabase { database, other in
            let writing = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await database.commit(Transaction([Self.insertion(3)], at: .epoch), .test)
            }
            await #expect(throws: StorageError.self) { try await writing.value }
            let reading = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await database.rows(for: Query(Self.users, .key(.integer(1))), .test)
            }
            await #expect(throws: StorageError.self) { try await reading.value }
            let count = try other.rows("SELECT count(*) FROM users")
            #expect(count == [["2"]])
        }
    }

    @Test func `a table that somebody has changed is used as it is now`() async throws {
        try await withDatabase { database, other in
            for round in 0..<3 {
                try other.execute("ALTER TABLE users ADD COLUMN later_\(round) text")
                #expect(try await database.rows(for: Query(Self.users, .page(after: nil, limit: 10)), .test).count == 2)
                guard case .committed = try await database.commit(Self.renaming(2, "round \(round)"), .test) else {
                    Issue.record("refused")
                    return
                }
            }
        }
    }

    @Test func `what doesn't fit into the queue is refused at once`() async throws {
        let folder = try TemporaryFolder()
        var options = PostgresDatabase.Options(url: try await PostgresDatabases.url(in: folder.path))
        options.queue = 1
        let database = PostgresDatabase(options)
        try await database.prepare([Self.users])
        let refused = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<50 {
                group.addTask {
                    do {
                        _ = try await database.commit(Transaction([Self.insertion(number)], at: .epoch), .test)
                        return false
                    } catch {
                        return (error as? StorageError) == .overloaded
                    }
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(refused > 0 && refused < 50)
        await database.close()
    }
}
