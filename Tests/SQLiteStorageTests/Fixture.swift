import Logging
import MartletKernel
import MartletModel
import MartletTesting
import Testing

@testable import SQLiteStorage

/// A database in a folder of its own, prepared for notes unless a test has other records.
struct Fixture: Sendable {
    let folder: TemporaryFolder
    let options: SQLiteDatabase.Options
    let database: SQLiteDatabase

    /// Prepares a database, and closes it whatever happens in `body`. Unless `adjust` says so, its log isn't emptied
    /// beside what the test does.
    static func open(
        in folder: TemporaryFolder? = nil, _ schemas: [ResourceSchema] = [Note.resource],
        logger: Logger = Logger(label: "storage.sqlite"), _ adjust: (inout SQLiteDatabase.Options) -> Void = { _ in },
        _ body: (Fixture) async throws -> Void
    ) async throws {
        let folder = try folder ?? TemporaryFolder()
        var options = SQLiteDatabase.Options(path: folder.file("martlet.db"))
        options.idlePause = .seconds(3600)
        // A busy machine takes its time.
        options.timeout = .seconds(600)
        adjust(&options)
        let fixture = Fixture(folder: folder, options: options, database: SQLiteDatabase(options, logger: logger))
        do {
            try await fixture.database.prepare(schemas)
            try await body(fixture)
        } catch {
            await fixture.database.close()
            throw error
        }
        await fixture.database.close()
    }

    /// What a server finds that starts in a folder where another one was.
    static func slugs(in folder: TemporaryFolder) async throws -> [String] {
        var slugs: [String] = []
        try await open(in: folder) { slugs = try await $0.slugs() }
        return slugs
    }

    // MARK: - Doing

    func commit(_ mutations: Mutation...) async throws(StorageError) -> CommitResult {
        try await database.commit(Transaction(mutations, at: .epoch), .test)
    }

    /// Inserts a note that nothing stands against.
    @discardableResult
    func insert(_ slug: String, place: Int64? = nil) async throws -> Note {
        let result = try await commit(Note.insertion(slug, place: place))
        guard case .committed(let written) = result else { throw Unexpected(what: "\(result)") }
        return try Note.schema.record(0, of: written[0].record)
    }

    func notes(limit: Int = 1000) async throws -> [Note] {
        let rows = try await database.rows(for: Query(Note.resource, .page(after: nil, limit: limit)), .test)
        return try (0..<rows.count).map { try Note.schema.record($0, of: rows) }
    }

    func slugs() async throws -> [String] {
        try await notes().map(\.slug)
    }

    /// What another process would see: a connection of its own to the file.
    func outside() throws -> Connection {
        try Connection(.reader, path: options.path)
    }

    struct Unexpected: Error {
        let what: String
    }
}

/// Waits for something that is about to happen on another thread, and fails if it doesn't within a minute.
func eventually(_ what: Comment, _ condition: () async -> Bool) async {
    let end = ContinuousClock.now + .seconds(60)
    while true {
        let isLast = ContinuousClock.now >= end
        if await condition() { return }
        if isLast {
            Issue.record("it never came to be: \(what)")
            return
        }
        await Task.yield()
    }
}

/// Fills a database for reading.
func insertNotes(_ count: Int, into fixture: Fixture) async throws {
    let mutations = try (0..<count).map { try Note.insertion("note-\($0)") }
    guard case .committed = try await fixture.database.commit(Transaction(mutations, at: .epoch), .test) else {
        throw Fixture.Unexpected(what: "the notes were refused")
    }
}
