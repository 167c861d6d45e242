import Foundation

/// Runs what blocks away from the pool of threads that tasks share.
func onThread<R: Sendable>(_ body: @escaping @Sendable () -> R) async -> R {
    await withCheckedContinuation { continuation in
        Thread { continuation.resume(returning: body()) }.start()
    }
}

/// The same for what belongs to the calling test alone.
func blocking<R: Sendable>(_ body: @escaping () throws -> R) async throws -> R {
    let handed = Handed(value: body)
    return try await onThread { Result { try handed.value() } }.get()
}

/// Hands a value to another thread. Unchecked, because the one that hands it over waits until the other is done.
private struct Handed<Value>: @unchecked Sendable {
    let value: Value
}
