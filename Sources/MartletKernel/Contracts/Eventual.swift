/// A value that is there at once, or one that has to be waited for. An event loop goes on with the first without a task.
public enum Eventual<Value: Sendable, Failure: Error>: Sendable {
    case now(Value)
    case later(@Sendable () async throws(Failure) -> Value)

    public func get() async throws(Failure) -> Value {
        switch self {
        case .now(let value): value
        case .later(let wait): try await wait()
        }
    }

    /// What `transform` makes of the value, now or later.
    public func map<Result: Sendable>(
        _ transform: @escaping @Sendable (Value) throws(Failure) -> Result
    ) throws(Failure) -> Eventual<Result, Failure> {
        switch self {
        case .now(let value): .now(try transform(value))
        case .later(let wait):
            .later { () async throws(Failure) -> Result in try transform(try await wait()) }
        }
    }
}
