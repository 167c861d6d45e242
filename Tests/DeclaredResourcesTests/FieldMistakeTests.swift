import MartletModel
import Testing

private let lengthRule = "length must be a number, or a range such as 1..200, 1.. or ..200"
private let rangeRule = "range must be such as 0..100, 0.5.. or ..10"
private let noNull = "default has no value: leave the key out; a text that reads null needs quotes"
private let noNumber = "is no number of JSON: a text that looks like one needs quotes"
private let types = ValueType.allCases.map(\.rawValue).joined(separator: ", ")

/// Every kind of mistake in a field, with its line and column.
@Suite struct FieldMistakeTests {
    /// A field's declaration, which begins at line 3, column 10, and what is wrong with it.
    static let fields: [(String, [String])] = [
        ("", ["9: field needs a type"]),
        ("[]", ["10: a field must be a mapping of keys to values"]),
        ("{}", ["3: field needs a type"]),
        ("{ nullable: true }", ["3: field needs a type"]),
        ("text", ["10: unknown type \"text\": known: \(types)"]),
        ("{ type: Strin }", ["18: unknown type \"Strin\": did you mean string?"]),
        ("{ type: }", ["18: type has no value: leave the key out"]),
        ("{ type: [string] }", ["18: type must be a text"]),
        ("{ type: string, uniqe: true }", ["26: unknown key of a field \"uniqe\": did you mean unique?"]),
        ("{ type: string, nullable: yes }", ["36: nullable must be true or false"]),
        ("{ type: string, nullable: 'true' }", ["36: nullable must be true or false"]),
        ("{ type: string, nullable: }", ["36: nullable has no value: leave the key out"]),
        ("{ type: string, length: a }", ["34: \(lengthRule)"]),
        ("{ type: string, length: 5..1 }", ["34: \(lengthRule)"]),
        ("{ type: string, length: .. }", ["34: \(lengthRule)"]),
        ("{ type: string, length: 0.5..1 }", ["34: \(lengthRule)"]),
        ("{ type: string, length: -1..1 }", ["34: field: length can't be negative"]),
        ("{ type: integer, length: 1..2 }", ["35: field: length is for strings and bytes"]),
        ("{ type: integer, range: 5 }", ["34: \(rangeRule)"]),
        ("{ type: integer, range: 2..1 }", ["34: \(rangeRule)"]),
        ("{ type: number, range: 1...5 }", ["33: \(rangeRule)"]),
        ("{ type: number, range: 1..1e999 }", ["33: \(rangeRule)"]),
        ("{ type: integer, range: 0.5..1 }", ["34: field: range has integers as its bounds"]),
        ("{ type: string, range: 0..1 }", ["33: field: range is for integers and numbers"]),
        ("{ type: integer, pattern: a }", ["36: field: pattern is for strings"]),
        ("{ type: string, format: emial }", ["34: unknown format \"emial\": did you mean email?"]),
        ("{ type: date, format: email }", ["32: field: format is for strings"]),
        ("{ values: open }", ["20: values must be a list such as [a, b]"]),
        ("{ values: [] }", ["20: field: values must be different texts"]),
        ("{ values: [a, a] }", ["20: field: values must be different texts"]),
        ("{ values: [a, ~] }", ["24: values must hold texts; one that reads null needs quotes"]),
        ("{ type: enumeration }", ["18: field: an enumeration needs its values"]),
        ("{ type: string, values: [a] }", ["34: field: values is for enumerations"]),
        ("{ type: string, unique: always }", ["34: unknown unique \"always\": known: true, false, ignoringCase"]),
        ("{ type: integer, unique: ignoringCase }", ["35: field: unique can ignore the case of strings alone"]),
        ("{ type: json, unique: true }", ["32: field: unique is not for json"]),
        ("{ type: json, indexed: true }", ["33: field: indexed is not for json"]),
        ("{ managed: created }", ["21: unknown managed \"created\": did you mean createdAt?"]),
        ("{ type: string, managed: createdAt }", ["35: field: managed is for timestamps"]),
        (
            "{ type: string, readOnly: true, writeOnly: true, default: a }",
            ["53: field: readOnly and writeOnly exclude each other"]
        ),
        (
            "{ type: string, column: Field }",
            ["34: field: column must be lower-case letters, digits and _, 63 at the most"]
        ),
        ("{ references: notes, onDelete: drop }", ["41: unknown onDelete \"drop\": known: restrict, cascade, setNull"]),
        ("{ references: notes, onDelete: setNull }", ["41: field: onDelete setNull needs a nullable field"]),
        ("{ type: integer, onDelete: cascade }", ["37: onDelete is for a field that references a resource"]),
        ("{ references: }", ["24: references has no value: leave the key out"]),
        ("{ references: note }", ["24: unknown resource \"note\": did you mean notes?"]),
        ("{ references: people }", ["24: unknown resource \"people\": known: notes"]),
        (
            "{ type: string, key: assigned }",
            ["31: notes has one key, and id is it", "18: field: a string that is a key needs a length of at least 1"]
        ),
        (
            "{ type: uuid, key: made }",
            ["29: unknown key \"made\": known: generated, assigned", "29: notes has one key, and id is it"]
        ),
        ("&a { type: string }", ["10: anchors and aliases (& and *) are not supported"]),
        ("{ type: !text string }", ["18: tags (!) are not supported: leave them out"]),
    ]

    static let defaults: [(String, [String])] = [
        ("{ type: integer, default: 007 }", ["36: field: the default must be an integer"]),
        ("{ type: integer, default: '7' }", ["36: field: the default must be an integer"]),
        ("{ type: integer, default: 1.5 }", ["36: field: the default must be an integer"]),
        ("{ type: integer, range: 0..5, default: 6 }", ["49: field: the default must be 0 to 5"]),
        ("{ type: boolean, default: no }", ["36: field: the default must be true or false"]),
        ("{ type: string, default: }", ["35: \(noNull)"]),
        ("{ type: string, default: null }", ["35: \(noNull)"]),
        ("{ type: string, default: [a] }", ["35: default must be a plain value"]),
        ("{ type: string, length: 2.., default: a }", ["48: field: the default must have at least 2 characters"]),
        ("{ type: string, format: email, default: a }", ["50: field: the default must be an e-mail address"]),
        ("{ values: [open, done], default: opn }", ["43: field: the default must be one of open, done"]),
        (
            "{ type: date, default: 2026-02-30 }",
            ["33: field: the default must be a day as 2026-07-01 has it, of the years 0001 to 9999"]
        ),
        ("{ type: json, default: hello }", ["33: default must be JSON, such as '[1, 2]' or '\"a text\"'"]),
        ("{ type: json, default: [007] }", ["34: \"007\" \(noNumber)"]),
        ("{ type: json, default: { a: 0x1F } }", ["38: \"0x1F\" \(noNumber)"]),
        ("{ type: json, default: { [a]: 1 } }", ["35: a key must be a plain name"]),
        ("{ type: string, readOnly: true, default: [] }", ["51: default must be a plain value"]),
    ]

    @Test(arguments: fields + defaults)
    func `a mistake in a field is told with its place`(_ yaml: String, _ expected: [String]) throws {
        let found = try mistakes("fields:\n  id: { type: integer, key: generated }\n  field: \(yaml)\n")
        #expect(Set(found) == Set(expected.map { "3:\($0)" }))
        #expect(found.count == expected.count)
    }
}
