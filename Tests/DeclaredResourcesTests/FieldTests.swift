import MartletModel
import Testing

/// What each key of a field says, next to the same in Swift.
@Suite struct FieldTests {
    /// A declaration of the field `field`, and its schema.
    struct Example: Sendable, CustomTestStringConvertible {
        let yaml: String
        let type: ValueType
        let isNullable: Bool
        let constraints: [Constraint]

        init(_ yaml: String, _ type: ValueType, nullable: Bool = false, _ constraints: Constraint...) {
            (self.yaml, self.type, self.isNullable, self.constraints) = (yaml, type, nullable, constraints)
        }

        var testDescription: String { yaml }
    }

    private static let most = Double.greatestFiniteMagnitude

    static let types: [Example] = [
        Example("integer", .integer), Example("number", .number), Example("string", .string),
        Example("boolean", .boolean), Example("timestamp", .timestamp), Example("date", .date),
        Example("uuid", .uuid), Example("bytes", .bytes), Example("json", .json),
        Example("{ type: string }", .string), Example("{ type: string, nullable: true }", .string, nullable: true),
        Example("{ type: string, nullable: false }", .string),
        Example("\n    type: string\n    indexed: true", .string, .indexed),
    ]

    static let constraints: [Example] = [
        Example("{ type: string, length: 1..200 }", .string, .length(1...200)),
        Example("{ type: string, length: 1.. }", .string, .length(1...)),
        Example("{ type: string, length: ..200 }", .string, .length(...200)),
        Example("{ type: string, length: '..200' }", .string, .length(...200)),
        Example("{ type: bytes, length: 5 }", .bytes, .length(5...5)),
        Example("{ type: integer, range: 0..100 }", .integer, .range(0...100)),
        Example("{ type: integer, range: -10..-5 }", .integer, .range(-10...(-5))),
        Example("{ type: integer, range: 1.. }", .integer, .range(1...)),
        Example("{ type: integer, range: ..10 }", .integer, .range(...10)),
        Example("{ type: number, range: 0.5..1 }", .number, .range(.numbers(0.5...1))),
        Example("{ type: number, range: 0..1 }", .number, .range(.numbers(0...1))),
        Example("{ type: number, range: 1e-3.. }", .number, .range(.numbers(0.001...most))),
        Example("{ type: number, range: ..10 }", .number, .range(.numbers(-most...10))),
        Example("{ type: string, pattern: '^[a-z]+$' }", .string, .pattern("^[a-z]+$")),
        Example("{ type: string, format: email }", .string, .email),
        Example("{ values: [open, done] }", .enumeration, .values(["open", "done"])),
        Example(
            "{ type: enumeration, values: [1, no, 'null', \"\"] }", .enumeration, .values(["1", "no", "null", ""])),
        Example("{ type: string, unique: true }", .string, .unique),
        Example("{ type: string, unique: false }", .string),
        Example("{ type: string, unique: ignoringCase }", .string, .unique(ignoringCase: true)),
        Example("{ type: string, indexed: true }", .string, .indexed),
        Example("{ type: string, indexed: false }", .string),
        Example("{ type: string, default: a, readOnly: true }", .string, .default("a"), .readOnly),
        Example("{ type: string, writeOnly: TRUE }", .string, .writeOnly),
        Example("{ type: string, writeOnly: False }", .string),
        Example("{ managed: createdAt }", .timestamp, .managed(.createdAt)),
        Example("{ type: timestamp, managed: updatedAt }", .timestamp, .managed(.updatedAt)),
        Example("{ type: string, column: the_field }", .string, .column("the_field")),
        Example("{ type: string, renamedFrom: old }", .string, .renamedFrom("old")),
        Example("{ references: notes }", .integer, .references("notes")),
        Example("{ references: notes, onDelete: cascade }", .integer, .references("notes", onDelete: .cascade)),
        Example(
            "{ references: notes, onDelete: setNull, nullable: true }", .integer, nullable: true,
            .references("notes", onDelete: .setNull)),
    ]

    static let defaults: [Example] = [
        Example("{ type: string, default: 007 }", .string, .default("007")),
        Example("{ type: string, default: no }", .string, .default("no")),
        Example("{ type: string, default: 'null' }", .string, .default("null")),
        Example("{ type: string, default: \"\" }", .string, .default("")),
        Example("{ type: integer, default: -7 }", .integer, .default(-7)),
        Example("{ type: number, default: 0.50 }", .number, .default(.number("0.50"))),
        Example("{ type: number, default: 1 }", .number, .default(1)),
        Example("{ type: boolean, default: true }", .boolean, .default(true)),
        Example("{ type: timestamp, default: 2026-07-01T12:00:00Z }", .timestamp, .default("2026-07-01T12:00:00Z")),
        Example("{ type: date, default: 2026-07-01 }", .date, .default("2026-07-01")),
        Example("{ type: bytes, default: AQI= }", .bytes, .default("AQI=")),
        Example(
            "{ type: uuid, default: 00000000-0000-7000-8000-000000000001 }", .uuid,
            .default("00000000-0000-7000-8000-000000000001")),
        Example("{ values: [open, done], default: open }", .enumeration, .values(["open", "done"]), .default("open")),
        Example("{ type: json, default: '{\"a\": [1, null]}' }", .json, .default(["a": [1, .null]])),
        Example("{ type: json, default: '\"text\"' }", .json, .default("text")),
        Example("{ type: json, default: 5 }", .json, .default(5)),
        Example("{ type: json, default: {} }", .json, .default([:])),
        Example(
            "{ type: json, default: { a: [1, 2.5, true, FALSE, ~, null, no, '1', -3e2, 1.2.3], b: { c: x } } }", .json,
            .default([
                "a": [1, 2.5, true, false, .null, .null, "no", "1", .number("-3e2"), "1.2.3"], "b": ["c": "x"],
            ])),
    ]

    @Test(arguments: types + constraints + defaults)
    func `a field means the same in YAML and in Swift`(_ example: Example) throws {
        let expected = try FieldSchema(
            "field", example.type, isNullable: example.isNullable, example.constraints)
        #expect(try facts(field(example.yaml)) == facts(expected))
    }

    @Test(arguments: [
        ("{ type: integer, key: generated }", ValueType.integer, KeyKind.generated),
        ("{ type: uuid, key: generated }", .uuid, .generated),
        ("{ type: string, key: assigned, length: 1..20 }", .string, .assigned),
    ])
    func `a key has a type and comes from somewhere`(_ yaml: String, _ type: ValueType, _ kind: KeyKind) throws {
        let key = try resources(["notes.yaml": "fields: { id: \(yaml) }"])[0].key
        #expect(key.type == type)
        #expect(key.key == kind)
    }
}
