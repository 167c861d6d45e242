/// Why there is no connection, or what became of it.
public struct ConnectionFailure: Error, Sendable, Equatable {
    public enum Reason: Sendable, Equatable {
        /// The host's name, or its proxy's, has no address.
        case unresolved
        /// Nobody listens there, or it can't be reached.
        case refused
        /// The TLS handshake failed, or the server's certificate is not to be trusted.
        case tls
        /// It ended before the answer did.
        case lost
        /// What came back is no HTTP.
        case malformedAnswer
        /// None of these; ``ConnectionFailure/message`` says what.
        case other
    }

    public let reason: Reason
    /// For a person, as libcurl words it.
    public let message: String
    public let mayHaveTakenEffect: Bool
}

extension ConnectionFailure: CustomStringConvertible {
    public var description: String { "connection \(reason): \(message)" }
}
