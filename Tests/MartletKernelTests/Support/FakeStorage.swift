import MartletKernel
import MartletModel

/// Writes down what it is asked.
struct FakeStorage: Storage {
    let journal: Journal
    var preparation: StorageError?

    func prepare(_ schemas: [ResourceSchema]) async throws(StorageError) {
        journal.write("prepare \(schemas.map(\.name).joined(separator: ","))")
        if let preparation { throw preparation }
    }

    func rows(for query: Query, _ context: RequestContext) async throws(StorageError) -> RowBatch { RowBatch(width: 1) }
    func commit(_ transaction: Transaction, _ context: RequestContext) async throws(StorageError) -> CommitResult {
        .committed([])
    }
    func replay(of transaction: Transaction, _ context: RequestContext) async throws(StorageError) -> CommitResult? {
        nil
    }
    func health() async -> Health { .ready }
    func close() async { journal.write("close") }
}
