import Synchronization

/// Whether anybody still waits for an answer.
package final class Abandonment: Sendable {
    private let flag = Atomic(false)

    package init() {}

    package var isAbandoned: Bool { flag.load(ordering: .relaxed) }

    /// Runs `body`, and notes it when the task around it is cancelled.
    package func watching<Value: Sendable>(_ body: () async -> Value) async -> Value {
        await withTaskCancellationHandler(operation: body) { flag.store(true, ordering: .relaxed) }
    }
}
