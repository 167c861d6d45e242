import MartletKernel
import MartletModel

extension StorageContract {
    static let life: [Clause] = [
        Clause("a prepared storage is ready") { subject in
            try await subject.expect(subject.storage.health(), .ready, "its health")
        },
        Clause("a closed storage is unavailable") { subject in
            let item = try await subject.insert(Item("one"))
            await subject.storage.close()
            try await subject.expectUnavailable("a read") { try await subject.read(item.id) }
            try await subject.expectUnavailable("a page") { try await subject.page() }
            try await subject.expectUnavailable("a replay") {
                let idempotency = Idempotency(scope: "key", fingerprint: 1)
                return try await subject.storage.replay(
                    of: Transaction([], at: Subject.time, idempotency: idempotency), .test)
            }
            try await subject.expectUnavailable("a commit") { try await subject.commit(.insert(Item("two"))) }
        },
    ]
}

extension Subject {
    fileprivate func expectUnavailable(_ what: String, _ call: () async throws -> some Any) async throws {
        do {
            throw violation(what, "unavailable", try await call())
        } catch let error as StorageError {
            guard case .unavailable = error else { throw violation(what, "unavailable", error) }
        }
    }
}
