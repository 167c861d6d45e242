import MartletModel

/// Writes that are done together: all of them, or none.
///
/// An operation can use what an earlier one gives, such as the key of a record that is created by the same batch:
///
/// ```swift
/// let (author, books) = try await client.batch { batch in
///     let author = batch.create(Author.self) { $0.name = "Ada" }
///     let books = titles.map { title in
///         batch.create(Book.self) { $0.title = title; $0.author = author.id }
///     }
///     batch.update(Shelf.self, 7, ifMatch: etag) { $0.isFull = true }
///     return (author, books)
/// }
/// ```
///
/// A server takes 100 operations at once. The errors of a problem point at an operation's field by its number:
/// `#/operations/0/body/name`.
public struct Batch: Sendable {
    /// Tells the references of one batch from those of another.
    typealias ID = UInt64

    let id: ID
    private let basePath: String
    private var operations: [BatchOperation] = []
    /// The first thing that was wrong: the body of a batch doesn't throw, its call does.
    private(set) var mistake: MartletError?

    init(basePath: String) {
        id = .random(in: 0 ... .max)
        self.basePath = basePath
    }

    /// Adds an operation.
    /// - Returns: the record that it writes, if it writes one.
    mutating func add<M: Model>(
        _ method: HTTPMethod, _ target: BatchTarget, _ draft: Draft<M>?, ifMatch etag: EntityTag? = nil
    ) -> BatchItem<M> {
        let item = BatchItem<M>(batch: id, operation: operations.count)
        do throws(MartletError) {
            let path = basePath + (try target.path(of: M.schema.resource, in: id))
            operations.append(
                BatchOperation(method: method, path: path, ifMatch: etag, body: try draft?.json(in: id)))
        } catch {
            mistake = mistake ?? error
        }
        return item
    }

    var count: Int { operations.count }

    /// The request's body.
    var json: [UInt8] {
        var json = Array("{\"operations\":[".utf8)
        for (index, operation) in operations.enumerated() {
            if index > 0 { json += ",".utf8 }
            operation.append(to: &json)
        }
        return json + "]}".utf8
    }
}
