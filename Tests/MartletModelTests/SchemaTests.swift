import MartletModel
import Testing
import UsersModel

@Suite struct SchemaTests {
    @Test func `a schema has its fields in order, with their constraints`() throws {
        let users = User.schema.resource
        #expect(users.name == "users")
        #expect(users.fields.map(\.name) == ["id", "name", "email"])
        #expect(users.key.name == "id")
        #expect(users.fields[1].length == 1...200)
        #expect(users.fields[1].isIndexed)
        #expect(users.fields[2].format == .email)
        #expect(users.fields[2].uniqueness == .ignoringASCIICase)
        #expect(users.fields.map(\.isRequired) == [false, true, true])
        #expect(User.schema.column(of: \.email) == 2)
    }

    /// It is in ETags and in what is kept for idempotency keys.
    @Test func `a schema's checksum stays the same`() {
        #expect(User.schema.resource.checksum == 0x1EB5_ECE6)
    }

    @Test func `a schema of 24 fields reads and builds its records`() throws {
        let schema = WideModel.schema
        #expect(schema.resource.fields.count == 24)
        var rows = RowBatch(width: 25)
        rows.appendAbsentRow()
        for (column, field) in schema.resource.fields.enumerated() {
            switch field.type {
            case .integer: rows.set(row: 0, column: column, to: .integer(Int64(column)))
            default: rows.set(row: 0, column: column, to: field.name)
            }
        }
        rows.set(row: 0, column: try #require(schema.column(of: \.t)), to: .null)
        let record = try schema.record(0, of: rows)
        #expect(
            record.id == 0 && record.a == "a" && record.c == 3 && record.d == "d" && record.t == nil && record.w == "w")
    }

    /// The compiler accepts it: both are strings.
    @Test func `swapped fields of one type are found out`() {
        #expect(
            throws: SchemaError(
                "b does not read back what build was given in its place: are the fields in build's order?")
        ) {
            try Schema(
                validating: "swapped", Field("id", \Pair.id, .key(.generated)), Field("b", \Pair.b),
                Field("a", \Pair.a),
                build: Pair.init)
        }
        #expect(throws: SchemaError("again reads a property that another field reads too")) {
            try Schema(
                validating: "twice", Field("id", \Pair.id, .key(.generated)), Field("a", \Pair.a),
                Field("again", \Pair.a),
                build: Pair.init)
        }
    }

    @Test func `a mistaken schema ends the program with a message`() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Schema(
                "swapped", Field("id", \Pair.id, .key(.generated)), Field("b", \Pair.b), Field("a", \Pair.a),
                build: Pair.init)
        }
        let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(message.contains("schema swapped: b does not read back"))
    }

    @Test(arguments: [
        ("Users", "id"), ("1users", "id"), ("", "id"), ("us ers", "id"), ("docs", "id"), ("openapi.json", "id"),
        ("martlet_x", "id"),
        ("users/x", "id"), (String(repeating: "a", count: 64), "id"), ("users", "ID"), ("users", "_id"),
        ("users", "i-d"), ("users", ""),
        ("users", "i d"), ("users", "é"),
    ])
    func `a bad or reserved name is refused`(_ resource: String, _ field: String) {
        #expect(throws: SchemaError.self) {
            try ResourceSchema(resource, [FieldSchema(field, .integer, [.key(.generated)])])
        }
    }

    @Test func `a schema has one key, and no field twice`() throws {
        let key = try FieldSchema("id", .integer, [.key(.generated)])
        #expect(throws: SchemaError.self) { try ResourceSchema("a", []) }
        #expect(throws: SchemaError.self) { try ResourceSchema("a", [FieldSchema("name", .string)]) }
        #expect(throws: SchemaError.self) {
            try ResourceSchema("a", [key, FieldSchema("other", .integer, [.key(.generated)])])
        }
        #expect(throws: SchemaError.self) { try ResourceSchema("a", [key, FieldSchema("id", .string)]) }
    }

    @Test(arguments: [
        (ValueType.integer, [Constraint.length(1...2)]), (.integer, [.email]),
        (.integer, [.unique(ignoringCase: true)]),
        (.string, [.key(.generated)]), (.string, [.length(1...2), .length(1...3)]), (.string, [.indexed, .indexed]),
        (.string, [.length(-1...2)]),
    ])
    func `a constraint that does not fit is refused`(_ type: ValueType, _ constraints: [Constraint]) {
        #expect(throws: SchemaError.self) { try FieldSchema("field", type, constraints) }
    }

    @Test func `columns are in snake case`() throws {
        #expect(try FieldSchema("createdAt", .string).column == "created_at")
        #expect(try FieldSchema("aBC1", .string).column == "a_b_c1")
    }

    @Test(arguments: ["+1", "01", "1.0", " 1", "1 ", "", "a", "-0", "9223372036854775808", "٣", "0x1", "1e2"])
    func `a key has one spelling`(_ text: String) {
        #expect(Key(text, for: User.schema.resource) == nil)
    }

    @Test(arguments: [0, 1, -1, Int64.max, .min])
    func `a key is what its description says`(_ value: Int64) {
        #expect(Key(String(value), for: User.schema.resource) == .integer(value))
        #expect(Key.integer(value).description == String(value))
    }
}

private struct Pair {
    var id: Int64
    var a: String
    var b: String
}
