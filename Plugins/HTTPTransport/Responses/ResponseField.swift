/// A header field of an answer.
struct ResponseField: Sendable {
    let name: StaticString
    /// Made by the server: it has no control characters.
    let value: String

    init(_ name: StaticString, _ value: String) {
        self.name = name
        self.value = value
    }
}
