import MartletModel
import Testing

/// How long a text may be that an index holds: as PostgreSQL needs it, on every database.
@Suite struct IndexLimitTests {
    private static let limits: [(ValueType, [Constraint], Int?)] = [
        (.string, [.unique], 1792), (.string, [.unique(ignoringCase: true)], 1792), (.string, [.indexed], 1792),
        (.bytes, [.unique], 1792), (.enumeration, [.values(["a"]), .indexed], 1792),
        (.string, [.key(.assigned), .length(1...1000)], 512), (.string, [.references("owners")], 512),
        (.string, [.references("owners"), .indexed], 512), (.string, [], nil), (.string, [.length(0...9)], nil),
        (.integer, [.unique], nil), (.uuid, [.key(.generated)], nil), (.json, [], nil),
    ]

    @Test(arguments: limits)
    func `a field has a limit when an index or a reference holds it`(
        _ type: ValueType, _ constraints: [Constraint], _ limit: Int?
    ) throws {
        #expect(try FieldSchema("field", type, constraints).byteLimit == limit)
    }

    @Test func `fields of one index share what it takes, and short ones leave theirs to the others`() throws {
        let fields = [
            try FieldSchema("id", .integer, [.key(.generated)]), try FieldSchema("a", .string),
            try FieldSchema("b", .string), try FieldSchema("c", .string, [.length(0...10)]),
            try FieldSchema("d", .bytes, [.length(0...100)]),
            try FieldSchema("e", .enumeration, [.values(["on", "off"])]),
            try FieldSchema("f", .string, [.unique]), try FieldSchema("g", .date),
        ]
        func limits(_ sets: [[String]]) throws -> [Int?] {
            try ResourceSchema("things", fields, indexes: sets).fields.dropFirst().map(\.byteLimit)
        }
        #expect(try limits([]) == [nil, nil, nil, nil, nil, 1792, nil])
        #expect(try limits([["a", "b"]]) == [896, 896, nil, nil, nil, 1792, nil])
        #expect(try limits([["a", "b", "c", "d", "e"]]) == [824, 825, 40, 100, 3, 1792, nil])
        #expect(try limits([["a", "g"], ["a", "f"]]) == [896, nil, nil, nil, nil, 896, nil])
    }

    @Test func `a longer value is refused, to the byte`() throws {
        let fields = [
            try FieldSchema("id", .string, [.key(.assigned), .length(1...1000)]),
            try FieldSchema("text", .string, [.unique]), try FieldSchema("data", .bytes, [.unique]),
            try FieldSchema("owner", .string, isNullable: true, [.references("things")]),
            try FieldSchema("free", .string),
        ]
        let schema = try ResourceSchema("things", fields)
        func errors(_ key: Int, _ text: Int, _ data: Int, _ owner: Int) -> [String] {
            var rows = RowBatch(width: schema.width)
            rows.appendAbsentRow()
            func letters(_ count: Int) -> String {
                String(repeating: "\u{E9}", count: count / 2) + (count % 2 == 1 ? "a" : "")
            }
            letters(key).store(in: &rows, row: 0, column: 0)
            letters(text).store(in: &rows, row: 0, column: 1)
            [UInt8](repeating: 0, count: data).store(in: &rows, row: 0, column: 2)
            letters(owner).store(in: &rows, row: 0, column: 3)
            letters(100_000).store(in: &rows, row: 0, column: 4)
            do throws(Problem) {
                _ = try ValidatedRow(rows, schema, for: .create)
                return []
            } catch {
                return error.errors.map { "\($0.code.rawValue) \($0.detail)" }
            }
        }
        #expect(errors(512, 1792, 1792, 512) == [])
        #expect(
            errors(513, 1793, 1793, 513) == [
                "length must have at most 512 bytes in UTF-8", "length must have at most 1792 bytes in UTF-8",
                "length must have at most 1792 bytes", "length must have at most 512 bytes in UTF-8",
            ])
    }

    @Test func `what could never be kept is a mistake of the schema`() throws {
        let long = String(repeating: "a", count: 1793)
        for (name, type, constraints): (String, ValueType, [Constraint]) in [
            ("default", .string, [.indexed, .default(.string(long))]),
            ("values", .enumeration, [.indexed, .values(["a", long])]),
            ("length", .string, [.unique, .length(1793...)]),
        ] {
            let error = try #require(throws: SchemaError.self) { try FieldSchema("field", type, constraints) }
            #expect(error.constraint == name, "\(error)")
        }
        let fields = [
            try FieldSchema("id", .integer, [.key(.generated)]),
            try FieldSchema("a", .string, [.default(.string(long))]),
            try FieldSchema("b", .string),
        ]
        #expect(throws: SchemaError.self) { try ResourceSchema("things", fields, unique: [["a", "b"]]) }
        _ = try ResourceSchema("things", fields)
    }

    /// No storage ever sees it: PostgreSQL's text can't hold it, and SQLite's functions stop at it.
    @Test(arguments: ["\u{0}", "a\u{0}", "\u{0}a", "a\u{0}b", "\u{1F600}\u{0}\u{0}"])
    func `U+0000 is refused in every text, whatever it is for`(_ text: String) throws {
        let schema = try ResourceSchema(
            "things",
            [
                FieldSchema("id", .string, [.key(.assigned), .length(1...200)]), FieldSchema("plain", .string),
                FieldSchema("single", .string, [.unique(ignoringCase: true)]),
                FieldSchema("owner", .string, [.references("things")]),
                FieldSchema("mood", .enumeration, [.values(["a"])]),
            ])
        var rows = RowBatch(width: schema.width)
        rows.appendAbsentRow()
        for column in schema.fields.indices { text.store(in: &rows, row: 0, column: column) }
        let problem = try #require(throws: Problem.self) { try ValidatedRow(rows, schema, for: .create) }
        let codes = ["characters", "characters", "characters", "characters", "enum"]
        #expect(problem.errors.map(\.code.rawValue) == codes)
        for kind in [WriteKind.patch, .replace(.string(text), isCreating: true)] {
            #expect(throws: Problem.self) { try ValidatedRow(rows, schema, for: kind) }
        }
        #expect(Key(text, for: schema) == nil)
        #expect(throws: SchemaError.self) { try FieldSchema("field", .string, [.default(.string(text))]) }
        #expect(throws: SchemaError.self) { try FieldSchema("field", .enumeration, [.values([text])]) }
    }
}
