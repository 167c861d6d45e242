/// A program could not be started, did not become ready, or did not end when it was told to.
public struct LiveServerError: Error, Sendable, CustomStringConvertible {
    /// What went wrong, with what the program had logged.
    public let description: String
    /// How the program ended, if it did before it was ready.
    public let ending: ChildProcess.Ending?

    init(_ description: String, _ ending: ChildProcess.Ending? = nil) {
        self.description = description
        self.ending = ending
    }
}
