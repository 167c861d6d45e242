import MartletKernel
import MartletModel
import MartletTesting
import Synchronization

struct Publisher: Model {
    var id: Int64, name: String, parent: Int64?

    static let schema = Schema(
        "publishers",
        Field("id", \.id, .key(.generated)), Field("name", \.name),
        Field("parent", \.parent, .references("publishers")), build: Publisher.init)
}

struct Author: Model {
    var id: String, name: String, publisher: Int64?

    static let schema = Schema(
        "authors",
        Field("id", \.id, .key(.assigned), .length(1...)), Field("name", \.name),
        Field("publisher", \.publisher, .references("publishers")), build: Author.init)
}

struct Book: Model {
    var id: Int64, title: String, author: String?, editor: String?, key: String?

    static let schema = Schema(
        "books",
        Field("id", \.id, .key(.generated)), Field("title", \.title),
        Field("author", \.author, .references("authors")), Field("editor", \.editor, .references("authors")),
        Field("key", \.key, .references("safes"), .writeOnly), build: Book.init)

    init(_ title: String, by author: String? = nil, editor: String? = nil) {
        self.init(id: 0, title: title, author: author, editor: editor, key: nil)
    }

    private init(id: Int64, title: String, author: String?, editor: String?, key: String?) {
        (self.id, self.title, self.author, self.editor, self.key) = (id, title, author, editor, key)
    }
}

/// An application of books, and what it asks its storage for.
struct Library {
    let storage = AskedStorage()
    let application: Application

    init() async throws {
        let resources = [Book.schema.resource, Author.schema.resource, Publisher.schema.resource]
        try await storage.prepare(resources)
        application = Application(resources: resources, storage: storage)
    }

    func add<M: Model>(_ records: M...) async throws {
        let resource = M.schema.resource
        let mutations = try records.map { record in
            var rows = RowBatch(width: resource.width)
            M.schema.append(record, to: &rows)
            for (column, field) in resource.fields.enumerated() where field.isReadOnly {
                rows.set(row: 0, column: column, to: .absent)
            }
            return Mutation(resource, .insert(try ValidatedRow(rows, resource, for: .create)))
        }
        _ = try await application.write(Write(mutations, .array), .test)
    }

    /// Books, 10 at the most.
    func page(_ change: (inout ListRequest) throws -> Void = { _ in }) async throws -> Page {
        var request = ListRequest(Book.schema.resource, limit: 10)
        try change(&request)
        return try await application.list(request, .test)
    }
}

/// Remembers what it was asked for.
final class AskedStorage: ObservedStorage {
    let sound = MemoryStorage()
    private let queries = Mutex<[Query]>([])

    var asked: [Query] { queries.withLock { $0 } }

    func forget() {
        queries.withLock { $0 = [] }
    }

    func rows(for query: Query, _ context: RequestContext) async throws(StorageError) -> RowBatch {
        queries.withLock { $0.append(query) }
        return try await sound.rows(for: query, context)
    }
}

/// A storage that does something of its own when it is read, and leaves the rest to another one.
protocol ObservedStorage: Storage {
    var sound: MemoryStorage { get }
}

extension ObservedStorage {
    func prepare(_ schemas: [ResourceSchema]) async throws(StorageError) { try await sound.prepare(schemas) }
    func commit(_ transaction: Transaction, _ context: RequestContext) async throws(StorageError) -> CommitResult {
        try await sound.commit(transaction, context)
    }
    func replay(of transaction: Transaction, _ context: RequestContext) async throws(StorageError) -> CommitResult? {
        try await sound.replay(of: transaction, context)
    }
    func health() async -> Health { await sound.health() }
    func close() async { await sound.close() }
}
