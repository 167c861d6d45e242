import FuzzSupport

@testable import HTTPTransport
@testable import MartletModel

/// What a header field or a parameter says can be said again, and then means the same.
enum FieldRules {
    static func check(_ value: UnsafeRawBufferPointer) {
        checkTags(value)
        checkKey(value)
        checkCursor(value)
        if let bytes = Base64URL.decode(value.text) {
            Fuzzer.expect(Base64URL.encode(bytes) == value.text, "base64 has one spelling: \(value.text)")
        }
        // These have no other spelling to compare with: only that they come to an end.
        _ = (MediaType(value), Preference.read(value), QueryParameters(value, known: ["limit", "cursor"]))
        var acceptance = Acceptance()
        acceptance.add(value)
    }

    private static func checkTags(_ value: UnsafeRawBufferPointer) {
        guard let tags = EntityTags(value) else { return }
        guard case .list(let list) = tags else { return }
        // A tag that no record has isn't kept as it was.
        let text = list.map { tag in
            let checksum = String(tag.checksum, radix: 16)
            let opaque = tag.version.map { "\($0)-" + String(repeating: "0", count: 8 - checksum.count) + checksum }
            return (tag.isWeak ? "W/\"" : "\"") + (opaque ?? "") + "\""
        }
        let again = read(text.joined(separator: ", ")) { EntityTags($0) }
        Fuzzer.expect(again == tags, "\(value.text) is read as \(tags), and that as \(String(describing: again))")
    }

    private static func checkKey(_ value: UnsafeRawBufferPointer) {
        guard let key = IdempotencyKey.read(value) else { return }
        let quoted = key.reduce("") { $0 + ($1 == "\"" || $1 == "\\" ? "\\" : "") + String($1) }
        Fuzzer.expect(read("\"\(quoted)\"") { IdempotencyKey.read($0) } == key, "\(key) in quotes is the same key")
    }

    private static func checkCursor(_ value: UnsafeRawBufferPointer) {
        for schema in Schemas.all {
            if let key = Cursor.decode(value.text, of: schema) {
                // A UUID has two cases; a cursor of ours has one, but it is no secret how to make another.
                let again = Cursor.decode(Cursor.encode(key, of: schema), of: schema)
                Fuzzer.expect(again == key, "the cursor of \(key) leads to it")
            }
            guard let key = Key(value.text, for: schema) else { continue }
            Fuzzer.expect(Cursor.decode(Cursor.encode(key, of: schema), of: schema) == key, "\(key) has a cursor")
            let decoded = read(key.pathSegment) { PercentEncoding.decode($0) }
            Fuzzer.expect(decoded == Array(key.description.utf8), "\(key) has a path")
        }
    }

    private static func read<R>(_ text: String, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        Array(text.utf8).withUnsafeBytes(body)
    }
}
