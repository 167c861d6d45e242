import Logging
import MartletKernel
import MartletModel
import MartletTesting
import PostgresStorage
import Testing

/// A database of notes, and what others do in it.
struct Fixture: Sendable {
    private let folder: TemporaryFolder
    let address: PostgresAddress
    /// A server for this test alone, whose settings it may change, or nil.
    private let server: PostgresServer?

    /// A database on the server that tests share.
    init() async throws {
        let folder = try TemporaryFolder()
        self.init(folder, PostgresAddress(url: try await PostgresDatabases.url(in: folder.path)), nil)
    }

    /// A database on a server of its own.
    static func withOwnServer() async throws -> Fixture {
        let server = try await PostgresServer()
        return Fixture(try TemporaryFolder(), try await server.makeDatabase(), server)
    }

    private init(_ folder: TemporaryFolder, _ address: PostgresAddress, _ server: PostgresServer?) {
        (self.folder, self.address, self.server) = (folder, address, server)
    }

    /// The same database with another search path, percent-encoded.
    func searching(_ path: String) -> Fixture { with("options", "-csearch_path%3D\(path)") }

    /// The same with a parameter in its connection string.
    func with(_ parameter: String, _ value: String) -> Fixture {
        let separator = address.url.contains("?") ? "&" : "?"
        return at("\(address.url)\(separator)\(parameter)=\(value)")
    }

    /// The same with another connection string.
    func at(_ url: String) -> Fixture { Fixture(folder, PostgresAddress(url: url), server) }

    /// A proxy before the server of its own.
    func proxy(connectionsPerClient: Int = 1) throws -> PostgresProxy {
        try PostgresProxy(to: address, of: #require(server), connectionsPerClient: connectionsPerClient)
    }

    /// On the server of its own. A standby that isn't there is waited for after each commit.
    func setStandbys(_ names: String) async throws {
        try await address.run("ALTER SYSTEM SET synchronous_standby_names = '\(names)'")
        try await address.run("SELECT pg_reload_conf()")
    }

    /// Returns once as many of the server's processes as `isEnough` says meet a condition.
    func wait(for condition: String, _ isEnough: (Int) -> Bool = { $0 > 0 }) async throws {
        let end = ContinuousClock.now + .seconds(120)
        while try await !isEnough(
            Int(address.run("SELECT count(*) FROM pg_stat_activity WHERE \(condition)")) ?? 0)
        {
            try #require(.now < end, "\(condition)")
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    static let fields = Result {
        try [
            FieldSchema("id", .integer, [.key(.generated)]),
            FieldSchema("title", .string, [.length(1...40), .indexed]),
            FieldSchema("slug", .string, [.unique(ignoringCase: true)]),
            FieldSchema("place", .integer, isNullable: true, [.unique]),
            FieldSchema("parent", .integer, isNullable: true, [.references("notes", onDelete: .setNull)]),
        ]
    }

    static func notes(_ further: FieldSchema...) throws -> ResourceSchema {
        try ResourceSchema("notes", fields.get() + further)
    }

    func options(_ adjust: (inout PostgresDatabase.Options) -> Void = { _ in }) -> PostgresDatabase.Options {
        var options = PostgresDatabase.Options(url: address.url)
        adjust(&options)
        return options
    }

    func database(
        _ options: PostgresDatabase.Options? = nil, log: any LogHandler = SwiftLogNoOpLogHandler()
    ) -> PostgresDatabase {
        PostgresDatabase(options ?? self.options(), logger: Logger(label: "storage.postgres") { _ in log })
    }

    /// A server's start and end.
    func open(
        _ schemas: [ResourceSchema], _ options: PostgresDatabase.Options? = nil,
        log: any LogHandler = SwiftLogNoOpLogHandler(), _ body: (PostgresDatabase) async throws -> Void = { _ in }
    ) async throws {
        let database = database(options, log: log)
        do {
            try await database.prepare(schemas)
            try await body(database)
        } catch {
            await database.close()
            throw error
        }
        await database.close()
    }

    func plan(_ schemas: ResourceSchema...) async throws -> Migration {
        try await database().migrate(to: schemas, .plan)
    }

    /// What a migration or a start throws.
    func refusal(_ body: () async throws -> Void) async -> String {
        do {
            try await body()
            return "nothing"
        } catch StorageError.unusable(let text) {
            return text
        } catch StorageError.unavailable(let text) {
            return text
        } catch {
            return "\(error)"
        }
    }

    /// Notes that psql makes.
    func fill(_ count: Int) async throws {
        try await address.run(
            "INSERT INTO notes (title, slug, place) SELECT 'a title', 'slug ' || n, n FROM generate_series(1, \(count)) AS n"
        )
    }
}

extension PostgresDatabase {
    /// Nil for what the database refuses.
    @discardableResult
    func insert(_ slug: String, into schema: ResourceSchema) async throws -> Key? {
        let result = try await commit(Transaction([.inserting(slug, into: schema)], at: .epoch), .test)
        guard case .committed(let written) = result else { return nil }
        return schema.key(ofRow: 0, in: written[0].record)
    }

    func count(of schema: ResourceSchema) async throws -> Int {
        try await rows(for: Query(schema, .page(after: nil, limit: 1000)), .test).count
    }
}

extension Fixture {
    /// Does `body` while somebody else has a transaction open, which has done `sql`.
    func whileOthers<R>(_ sql: String, _ body: () async throws -> R) async throws -> R {
        let holder = Task { [address] in
            try await address.run(
                "SET application_name = 'somebody'; BEGIN; \(sql); SELECT pg_sleep(600)", within: .seconds(660))
        }
        let others = "FROM pg_stat_activity WHERE application_name = 'somebody' AND datname = current_database()"
        let deadline = ContinuousClock.now + .seconds(120)
        while try await address.run("SELECT count(*) \(others) AND query LIKE '%pg_sleep%'") == "0" {
            try #require(.now < deadline, "nobody does \(sql)")
        }
        let result: Result<R, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        try await address.run("SELECT pg_terminate_backend(pid) \(others)")
        _ = await holder.result
        return try result.get()
    }
}

extension Mutation {
    static func inserting(_ slug: String, into schema: ResourceSchema) throws -> Mutation {
        var rows = RowBatch(width: schema.width)
        rows.appendAbsentRow()
        rows.set(row: 0, column: 1, to: "a title")
        rows.set(row: 0, column: 2, to: slug)
        return Mutation(schema, .insert(try ValidatedRow(rows, schema, for: .create)))
    }

    static func setting(
        _ field: String, to value: String, of key: Key, in schema: ResourceSchema
    ) throws -> Mutation {
        var rows = RowBatch(width: schema.width)
        rows.appendAbsentRow()
        let column = schema.fields.firstIndex { $0.name == field } ?? 0
        if schema.fields[column].type == .integer, let number = Int64(value) {
            rows.set(row: 0, column: column, to: .integer(number))
        } else {
            rows.set(row: 0, column: column, to: value)
        }
        return Mutation(schema, .update(key, try ValidatedRow(rows, schema, for: .patch)))
    }
}

extension PostgresDatabase {
    func setTitle(_ title: String, of key: Key, in schema: ResourceSchema) async throws {
        let result = try await commit(
            Transaction([.setting("title", to: title, of: key, in: schema)], at: .epoch), .test)
        guard case .committed = result else { throw StorageError.internal("\(result)") }
    }
}
