import Synchronization

/// Waits for `work`, but no longer than `limit`. Work that doesn't end when it is cancelled goes on by itself, and its result is
/// dropped: a structured child task would be waited for without end.
/// - Parameter startsHere: `work` begins on the caller's thread, which is faster, and holds that thread up until it suspends. Else it
///   runs on Swift's own threads.
/// - Returns: nil when the time is over.
func result<Value: Sendable>(
    of work: @escaping @Sendable () async -> Value, within limit: Duration, startsHere: Bool = true
) async -> Value? {
    let result = FirstResult<Value?>()
    // Work that never suspends has ended when an immediate task has begun: it needs no timer.
    let body = { @Sendable in result.set(await work()) }
    let task = startsHere ? Task.immediate(operation: body) : Task(operation: body)
    let timer = result.isSet ? nil : Task { await result.setNil(after: limit) }
    defer {
        timer?.cancel()
        task.cancel()
    }
    return await withTaskCancellationHandler {
        await result.value
    } onCancel: {
        task.cancel()
    }
}

/// A value that several may set, of whom the first counts, and one waits for.
private final class FirstResult<Value: Sendable>: Sendable {
    private enum State {
        case none
        case awaited(CheckedContinuation<Value, Never>)
        case set(Value)
    }

    private let state = Mutex(State.none)

    var isSet: Bool {
        state.withLock { if case .set = $0 { true } else { false } }
    }

    func set(_ value: Value) {
        let waiter: CheckedContinuation<Value, Never>? = state.withLock { state in
            switch state {
            case .set: return nil
            case .none:
                state = .set(value)
                return nil
            case .awaited(let waiter):
                state = .set(value)
                return waiter
            }
        }
        waiter?.resume(returning: value)
    }

    var value: Value {
        get async {
            await withCheckedContinuation { continuation in
                let value: Value? = state.withLock { state in
                    if case .set(let value) = state { return value }
                    state = .awaited(continuation)
                    return nil
                }
                if let value { continuation.resume(returning: value) }
            }
        }
    }
}

extension FirstResult {
    fileprivate func setNil<Wrapped>(after time: Duration) async where Value == Wrapped? {
        guard (try? await Task.sleep(for: time)) != nil else { return }
        set(nil)
    }
}
