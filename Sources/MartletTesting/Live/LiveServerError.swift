/// A program could not be started, did not become ready, or did not end when it was told to.
public struct LiveServerError: Error, Sendable, CustomStringConvertible {
    /// What went wrong, with what the program had logged.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
