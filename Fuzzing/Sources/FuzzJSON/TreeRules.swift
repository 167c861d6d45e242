import FuzzSupport
import MartletModel

/// What holds for every JSON value that was read.
enum TreeRules {
    static func check(_ value: JSONValue) {
        let text = JSONText { $0.write(value) }
        guard let again = read(text) else {
            return Fuzzer.expect(false, "what is written can be read: \(value)")
        }
        Fuzzer.expect(isSame(again, value), "\(value) is read as it was written, and not as \(again)")
        checkCanonical(value, text)
    }

    private static func checkCanonical(_ value: JSONValue, _ text: JSONText) {
        let canonical = value.canonical
        let sorted = JSONText { $0.write(canonical) }
        let again = read(sorted).map { value in JSONText { $0.write(value.canonical) } }
        Fuzzer.expect(again == sorted, "the canonical form of \(value) stays")
        Fuzzer.expect(sorted.bytes.count == text.bytes.count, "the canonical form of \(value) has all that is there")
        guard let members = canonical.members else { return }
        let names = members.map { Array($0.name.utf8) }
        let areSorted = zip(names, names.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) }
        Fuzzer.expect(areSorted, "the names are sorted: \(value)")
    }

    /// Equal byte by byte: Swift's strings are equal when they only look the same.
    private static func isSame(_ one: JSONValue, _ other: JSONValue) -> Bool {
        switch (one, other) {
        case (.string(let one), .string(let other)), (.number(let one), .number(let other)):
            one.utf8.elementsEqual(other.utf8)
        case (.array(let one), .array(let other)): one.elementsEqual(other, by: isSame)
        case (.object(let one), .object(let other)):
            one.elementsEqual(other) { $0.name.utf8.elementsEqual($1.name.utf8) && isSame($0.value, $1.value) }
        default: one == other
        }
    }

    private static func read(_ text: JSONText) -> JSONValue? {
        text.read { try? JSONValue(json: $0) }
    }
}
