import MartletModel
import Testing

@testable import MartletServer

/// How `martlet schema --swift` spells things. That what it prints compiles and is the same schema, the tests of
/// DeclaredResources show.
@Suite struct SwiftModelTests {
    @Test(arguments: [
        ("notes", "Note"), ("users", "User"), ("book-loans", "BookLoan"), ("book_loans", "BookLoan"),
        ("categories", "Category"), ("ties", "Tie"), ("classes", "Class"), ("boxes", "Box"), ("dishes", "Dish"),
        ("matches", "Match"), ("statuses", "Statuse"), ("status", "Status"), ("news", "New"), ("analysis", "Analysis"),
        ("address", "Address"), ("sheep", "Sheep"), ("a-1", "A1"), ("strings", "StringRecord"), ("types", "TypeRecord"),
        ("fields", "FieldRecord"), ("s", "S"),
    ])
    func `a type is called by the singular`(_ resource: String, _ type: String) {
        #expect(SwiftName.type(ofResource: resource) == type)
    }

    @Test(arguments: [
        ("status", "Note", "Status"), ("noteKind", "Note", "NoteKind"), ("note", "Note", "NoteValue"),
        ("string", "Note", "StringValue"), ("type", "Note", "TypeValue"),
    ])
    func `an enumeration is called as its field`(_ field: String, _ type: String, _ name: String) {
        #expect(SwiftName.type(ofField: field, in: type) == name)
    }

    @Test(arguments: [
        (["open", "done"], ["open", "done"]), (["Open", "DONE", "a_b"], ["open", "done", "aB"]),
        (["in-progress", "IN PROGRESS"], ["inProgress", "inProgress2"]), (["a-b", "aB"], ["aB2", "aB"]),
        (["default", "nil"], ["`default`", "`nil`"]), (["2", "2 b"], ["value2", "value2B"]),
        (["", "-"], ["other", "other2"]), (["allCases", "init"], ["allCasesValue", "initValue"]),
        (["é"], ["other"]), (["Self", "Type", "XMLFile"], ["selfValue", "type", "xMLFile"]),
    ])
    func `a case is called as its value, where that can be`(_ values: [String], _ cases: [String]) {
        #expect(SwiftName.cases(of: values) == cases)
    }

    @Test(arguments: [
        ("plain", #""plain""#), ("a\"b\\c", #""a\"b\\c""#), ("\n\r\t\0", #""\n\r\t\u{0}""#), ("é😀", #""é😀""#),
        ("\u{200B}\u{2028}\u{301}", #""\u{200B}\u{2028}\u{301}""#), ("\\(x)", #""\\(x)""#),
    ])
    func `a string is a literal in which everything can be seen`(_ text: String, _ literal: String) {
        #expect(SwiftLiteral.string(text) == literal)
    }

    @Test(arguments: [
        (ValueRange.integers(0...5), "0...5"), (.integers(-5 ... -1), "-5...(-1)"), (.integers(3 ... .max), "3..."),
        (.integers(.min ... -3), "...(-3)"), (.numbers(0.5...1), "0.5...1.0"),
        (.integers(.min ... .max), "-9223372036854775808..."), (.numbers(-2 ... -1), "-2.0...(-1.0)"),
        (.numbers(0 ... .greatestFiniteMagnitude), "0.0...Double.greatestFiniteMagnitude"),
    ])
    func `a range is written as Swift reads it`(_ range: ValueRange, _ source: String) {
        #expect(SwiftLiteral.range(range) == source)
    }

    @Test(
        arguments: [
            (JSONValue.number("1"), "1"), (.number("-0.5"), "-0.5"), (.number("1e3"), ".number(\"1e3\")"),
            (.number("1.50"), ".number(\"1.50\")"),
            (.number("99999999999999999999"), ".number(\"99999999999999999999\")"),
            (["a": [1, .null, true], "b": [:]], #"["a": [1, .null, true], "b": [:]]"#), ([], "[]"),
        ] as [(JSONValue, String)])
    func `JSON keeps its spelling`(_ value: JSONValue, _ source: String) {
        #expect(SwiftLiteral.json(value) == source)
    }

    @Test func `what is too long for a line is broken as the formatter breaks it`() {
        let items = ["a", "b", "c"].map { String(repeating: $0, count: 50) }
        let two = "        \(items[0]), \(items[1]),"
        #expect(SwiftLines.call("f(", items, "),", depth: 1) == ["    f(", two, "        \(items[2])),"])
        #expect(
            SwiftLines.declaration("init(", items, ") {", depth: 1)
                == ["    init(", two, "        \(items[2])", "    ) {"])
        #expect(SwiftLines.call("f(", ["a", "b"], ")", depth: 0) == ["f(a, b)"])
    }
}
