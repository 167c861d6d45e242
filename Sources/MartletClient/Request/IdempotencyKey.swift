/// The name that a client gives to a write, so that the server knows it again when it is repeated.
struct IdempotencyKey: Sendable, Equatable {
    let text: String

    /// - Throws: ``MartletError/invalidRequest(_:)`` unless it has 1 to 255 characters of printable ASCII.
    init(_ text: String) throws(MartletError) {
        guard (1...255).contains(text.utf8.count), text.utf8.allSatisfy({ 0x20...0x7E ~= $0 }) else {
            throw .invalidRequest("an idempotency key has 1 to 255 characters of printable ASCII")
        }
        self.text = text
    }

    private init(random: [UInt64]) {
        text = random.map { String($0, radix: 36) }.joined(separator: "-")
    }

    /// One that nobody has used before: 128 random bits.
    static func random() -> IdempotencyKey {
        IdempotencyKey(random: [.random(in: 0 ... .max), .random(in: 0 ... .max)])
    }

    /// As a header has it: a string of RFC 8941, section 3.3.3. Bare, a key that begins with a quote would be another.
    var fieldValue: String {
        var value = "\""
        for character in text {
            if character == "\"" || character == "\\" { value.append("\\") }
            value.append(character)
        }
        return value + "\""
    }
}
