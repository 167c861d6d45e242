import MartletModel
import Testing

/// What no schema can say, with the constraint that is wrong.
@Suite struct SchemaMistakeTests {
    @Test(arguments: [
        ("length", ValueType.integer, [Constraint.length(0...1)]), ("length", .json, [.length(0...1)]),
        ("length", .string, [.length(-1...1)]), ("range", .string, [.range(0...1)]),
        ("range", .integer, [.range(0.0...1.0)]), ("range", .timestamp, [.range(0...1)]),
        ("pattern", .integer, [.pattern("a")]), ("pattern", .string, [.pattern("(")]),
        ("pattern", .string, [.pattern("a{2,1}")]), ("format", .integer, [.format(.email)]),
        ("values", .string, [.values(["a"])]), ("values", .enumeration, []), ("values", .enumeration, [.values([])]),
        ("values", .enumeration, [.values(["a", "a"])]), ("values", .enumeration, [.values(["a\u{0}"])]),
        ("unique", .json, [.unique]), ("unique", .integer, [.unique(ignoringCase: true)]),
        ("unique", .enumeration, [.values(["a"]), .unique(ignoringCase: true)]),
        ("indexed", .json, [.indexed]), ("managed", .date, [.managed(.createdAt)]),
        ("managed", .timestamp, [.managed(.createdAt), .default(.string("2026-07-01T12:00:00Z"))]),
        ("managed", .timestamp, [.managed(.createdAt), .writeOnly]),
        ("writeOnly", .string, [.writeOnly, .readOnly, .default(.string("a"))]), ("readOnly", .string, [.readOnly]),
        ("references", .number, [.references("users")]),
        ("onDelete", .integer, [.references("users", onDelete: .setNull)]),
        ("column", .string, [.column("Name")]), ("column", .string, [.column("_name")]),
        ("column", .string, [.column("")]), ("column", .string, [.column(String(repeating: "a", count: 64))]),
        ("column", .string, [.column("xmin")]), ("column", .string, [.column("tableoid")]),
        ("key", .number, [.key(.assigned)]), ("key", .string, [.key(.generated), .length(1...2)]),
        ("key", .integer, [.key(.assigned), .unique]), ("key", .integer, [.key(.assigned), .default(.integer(1))]),
        ("key", .integer, [.key(.generated), .readOnly]), ("key", .integer, [.key(.assigned), .references("users")]),
        ("length", .string, [.key(.assigned)]), ("length", .string, [.key(.assigned), .length(0...9)]),
        ("indexed", .string, [.indexed, .indexed]), ("length", .string, [.length(0...1), .length(0...2)]),
        ("default", .integer, [.default(.string("1"))]), ("default", .integer, [.default(.null)]),
        ("default", .integer, [.range(1...2), .default(.integer(3))]),
        ("default", .string, [.length(2...3), .default(.string("a"))]),
        ("default", .enumeration, [.values(["a"]), .default(.string("b"))]),
        ("default", .date, [.default(.string("2023-02-29"))]), ("default", .bytes, [.default(.string("A"))]),
    ])
    func `a field with a mistake names the constraint`(
        _ name: String, _ type: ValueType, _ constraints: [Constraint]
    ) throws {
        let error = try #require(throws: SchemaError.self) { try FieldSchema("field", type, constraints) }
        #expect(error.constraint == name, "\(error)")
        #expect(error.description.hasPrefix("field: "))
    }

    @Test(arguments: [
        (ValueType.integer, Constraint.default(.integer(1))), (.number, .default(.number("1e2"))),
        (.string, .default(.string(""))), (.boolean, .default(.bool(false))),
        (.timestamp, .default(.string("2026-07-01T12:00:00+02:00"))), (.date, .default(.string("0001-01-01"))),
        (.uuid, .default(.string("0123ABCD-0123-0123-0123-0123456789AB"))), (.bytes, .default(.string("AA=="))),
        (.json, .default(.object([]))), (.number, .range(0...)), (.number, .range(0...5)), (.uuid, .key(.generated)),
        (.uuid, .key(.assigned)), (.bytes, .unique), (.uuid, .references("users")),
    ])
    func `what fits is taken`(_ type: ValueType, _ constraint: Constraint) throws {
        _ = try FieldSchema("field", type, [constraint])
    }

    @Test func `null can be the default of what may be null`() throws {
        #expect(try FieldSchema("field", .integer, isNullable: true, [.default(.null)]).defaultValue == .null)
        #expect(throws: SchemaError.self) { try FieldSchema("field", .integer, isNullable: true, [.key(.generated)]) }
        #expect(throws: SchemaError.self) {
            try FieldSchema("field", .timestamp, isNullable: true, [.managed(.createdAt)])
        }
    }

    @Test func `sets of fields are of several known ones, and each is there once`() throws {
        let fields = [
            try FieldSchema("id", .integer, [.key(.generated)]), try FieldSchema("a", .string),
            try FieldSchema("b", .string), try FieldSchema("c", .json),
        ]
        for (sets, isUnique) in [
            ([["a"]], true), ([["a", "z"]], true), ([["a", "a"]], true), ([["a", "c"]], false),
            ([["a", "b"], ["a", "b"]], true), ([[]], false),
        ] {
            let error = try #require(throws: SchemaError.self) {
                try ResourceSchema("things", fields, unique: isUnique ? sets : [], indexes: isUnique ? [] : sets)
            }
            #expect(error.constraint == (isUnique ? "unique" : "indexes"))
        }
        let schema = try ResourceSchema("things", fields, unique: [["b", "a"]], indexes: [["a", "b"]])
        #expect(schema.compounds.map(\.columns) == [[2, 1], [1, 2]])
        #expect(schema.compounds.map(\.isUnique) == [true, false])
    }

    @Test func `a column has a name that every database takes whole, and none has itself`() throws {
        // In snake_case each capital letter is two bytes.
        let (fits, tooLong) = ("a" + String(repeating: "B", count: 31), "ab" + String(repeating: "C", count: 31))
        #expect(try FieldSchema(fits, .string).column.utf8.count == 63)
        let error = try #require(throws: SchemaError.self) { try FieldSchema(tooLong, .string) }
        #expect(error.constraint == "column")
        #expect(try FieldSchema(tooLong, .string, [.column("c")]).column == "c")
        for name in ["xmin", "xmax", "cmin", "cmax", "ctid", "tableoid"] {
            let error = try #require(throws: SchemaError.self) { try FieldSchema(name, .string) }
            #expect(error.constraint == "column")
            #expect(try FieldSchema(name, .string, [.column("mine")]).name == name)
        }
    }

    @Test func `a schema has no more than every database takes`() throws {
        func schema(_ count: Int, unique: Int = 0) throws -> ResourceSchema {
            var fields = [try FieldSchema("id", .integer, [.key(.generated)])]
            for number in 1..<count { fields.append(try FieldSchema("f\(number)", .integer)) }
            let names = fields.prefix(unique).map(\.name)
            return try ResourceSchema("things", fields, unique: names.isEmpty ? [] : [names])
        }
        #expect(try schema(300).fields.count == ResourceSchema.mostFields)
        #expect(throws: SchemaError.self) { try schema(301) }
        #expect(try schema(20, unique: 16).compounds.count == 1)
        #expect(throws: SchemaError.self) { try schema(20, unique: 17) }
    }

    @Test func `two fields have no column in common, and one manages each time`() throws {
        let key = try FieldSchema("id", .integer, [.key(.generated)])
        for pair in [
            [try FieldSchema("aB", .string), try FieldSchema("other", .string, [.column("a_b")])],
            [
                try FieldSchema("one", .timestamp, [.managed(.createdAt)]),
                try FieldSchema("two", .timestamp, [.managed(.createdAt)]),
            ],
        ] {
            let error = #expect(throws: SchemaError.self) { try ResourceSchema("things", [key] + pair) }
            #expect(error?.constraint == "fields")
        }
    }

    @Test func `references lead to resources in use, and to keys of their type`() throws {
        let key = try FieldSchema("id", .uuid, [.key(.generated)])
        let target = try ResourceSchema("targets", [key])
        func referring(_ type: ValueType, to name: String) throws -> ResourceSchema {
            try ResourceSchema(
                "things",
                [FieldSchema("id", .integer, [.key(.generated)]), FieldSchema("x", type, [.references(name)])])
        }
        #expect(ResourceSchema.mistakes(among: [target, try referring(.uuid, to: "targets")]).isEmpty)
        #expect(ResourceSchema.mistakes(among: [try referring(.integer, to: "things")]).isEmpty)
        let wrong = ResourceSchema.mistakes(among: [target, try referring(.integer, to: "targets")])
        #expect(wrong.map(\.description) == ["things.x refers to targets, whose key is of the type uuid, not integer"])
        let missing = ResourceSchema.mistakes(among: [try referring(.uuid, to: "targets")])
        #expect(missing.map(\.field) == ["x"])
        #expect(missing.map(\.description) == ["things.x refers to targets, which is no resource in use"])
    }

    // MARK: - Order

    @Test func `fields of types with few values are told apart, wherever two are swapped`() throws {
        _ = try Schema(
            validating: "flags", Field("id", \Flags.id, .key(.generated)), Field("a", \Flags.a), Field("b", \Flags.b),
            Field("c", \Flags.c), Field("one", \Flags.one), Field("two", \Flags.two), build: Flags.init)
        let bools = #expect(throws: SchemaError.self) {
            try Schema(
                validating: "flags", Field("id", \Flags.id, .key(.generated)), Field("b", \Flags.b),
                Field("a", \Flags.a), Field("c", \Flags.c), Field("one", \Flags.one), Field("two", \Flags.two),
                build: Flags.init)
        }
        #expect(bools?.description.contains("does not read back") == true)
        let enumerations = #expect(throws: SchemaError.self) {
            try Schema(
                validating: "flags", Field("id", \Flags.id, .key(.generated)), Field("a", \Flags.a),
                Field("b", \Flags.b), Field("c", \Flags.c), Field("two", \Flags.two), Field("one", \Flags.one),
                build: Flags.init)
        }
        #expect(enumerations?.description.contains("does not read back") == true)
    }
}

private struct Flags {
    var id: Int64
    var a: Bool
    var b: Bool
    var c: Bool
    var one: Switch
    var two: Switch
}

private enum Switch: String, EnumerationValue {
    case on, off
}
