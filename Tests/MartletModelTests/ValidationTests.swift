import MartletModel
import Testing
import UsersModel

@Suite struct ValidationTests {
    private let users = User.schema.resource

    @Test func `a valid body becomes a row, whatever its order`() throws {
        let row = try read(#"{"email":"ada@example.org","name":"Ada"}"#, for: .create)
        #expect(row.cells[0, 0].isAbsent)
        #expect(row.cells.string(of: row.cells[0, 1]) == "Ada")
        #expect(row.cells.string(of: row.cells[0, 2]) == "ada@example.org")
        #expect(try read(#"{"\u006eame":"\u0041da","email":"ada@example.org"}"#, for: .create) == row)
    }

    @Test func `every error is found at once, in the schema's order, then unknown fields as they came`() throws {
        let problem = try #require(throws: Problem.self) {
            try read(#"{"z":1,"email":"nobody","id":7,"a/b~c é":[{"x":1}],"name":""}"#, for: .create)
        }
        #expect(problem.code == .validationFailed)
        #expect(problem.detail == "5 fields are not valid.")
        #expect(
            problem.errors == [
                FieldError(at: .pointer("#/id"), .readOnly, "is set by the server"),
                FieldError(at: .pointer("#/name"), .length, "must have 1 to 200 characters"),
                FieldError(at: .pointer("#/email"), .format, "must be an e-mail address"),
                FieldError(at: .pointer("#/z"), .unknownField, "is not a field of users"),
                FieldError(at: .pointer("#/a~1b~0c%20%C3%A9"), .unknownField, "is not a field of users"),
            ])
    }

    @Test(arguments: [
        (#"{}"#, ["required #/name", "required #/email"]),
        (#"{"name":null,"email":null}"#, ["not_nullable #/name", "not_nullable #/email"]),
        (#"{"name":1,"email":true}"#, ["type #/name", "type #/email"]),
        (#"{"name":["a"],"email":{"a":1}}"#, ["type #/name", "type #/email"]),
        (#"{"name":"a\u0000b","email":"a@b.c"}"#, ["characters #/name"]),
        (#"{"name":"a","email":"a@b.c","id":"x"}"#, ["read_only #/id"]),
        (#"{"Name":"a","name":"a","email":"a@b.c"}"#, ["unknown_field #/Name"]),
        (#"[]"#, ["type #"]), (#"[{"name":"a"}]"#, ["type #"]), (#"1"#, ["type #"]), (#"null"#, ["type #"]),
        (#""a""#, ["type #"]),
    ])
    func `a new record needs every required field in its type`(_ body: String, _ expected: [String]) {
        #expect(errors(body, for: .create) == expected)
    }

    @Test(arguments: [
        (#"{"id":1,"name":"a","email":"a@b.c"}"#, []),
        (#"{"name":"a","email":"a@b.c"}"#, []),
        (#"{"id":2,"name":"a","email":"a@b.c"}"#, ["key_mismatch #/id"]),
        (#"{"id":"1","name":"a","email":"a@b.c"}"#, ["key_mismatch #/id"]),
        (#"{"id":null,"name":"a","email":"a@b.c"}"#, ["key_mismatch #/id"]),
        (#"{"id":1.0e0,"name":"a","email":"a@b.c"}"#, []),
        (#"{"id":1}"#, ["required #/name", "required #/email"]),
    ])
    func `a replacement is a whole record, with the path's key or none`(_ body: String, _ expected: [String]) {
        #expect(errors(body, for: .replace(.integer(1), isCreating: false)) == expected)
    }

    @Test(arguments: [
        (#"{}"#, []), (#"{"name":"a"}"#, []), (#"{"name":null}"#, ["not_nullable #/name"]),
        (#"{"id":1}"#, ["read_only #/id"]),
        (#"{"name":""}"#, ["length #/name"]), (#"{"nme":""}"#, ["unknown_field #/nme"]), (#"[]"#, ["type #"]),
    ])
    func `a patch holds any writable fields`(_ body: String, _ expected: [String]) {
        #expect(errors(body, for: .patch) == expected)
    }

    @Test func `nullable fields take null, and are null in a new record without them`() throws {
        let wide = WideModel.schema.resource
        let column = try #require(wide.indexByName["e"])
        #expect(errors(#"{"d":null,"e":null,"l":"x","m":7}"#, for: .patch, wide) == [])
        #expect(
            errors(#"{"d":"12345678901","e":1.5,"m":1e30,"c":null}"#, for: .patch, wide) == [
                "not_nullable #/c", "length #/d", "type #/e", "range #/m",
            ])
        let row = try ValidatedRow(wideRow(), wide, for: .create)
        #expect(row.cells[0, column].isNull)
        #expect(try ValidatedRow(wideRow(), wide, for: .patch).cells[0, column].isAbsent)
    }

    @Test func `lengths count Unicode scalars`() {
        for (text, isValid) in [
            ("", false), ("a", true), (String(repeating: "😀", count: 200), true),
            (String(repeating: "😀", count: 201), false),
            (String(repeating: "e\u{301}", count: 100), true), (String(repeating: "e\u{301}", count: 101), false),
        ] {
            #expect(errors("{\"name\":\"\(text)\"}", for: .patch).isEmpty == isValid, "\(text)")
        }
    }

    @Test(arguments: [
        "a@b", "a@b.c", "A.B+c@example.org", "!#$%&'*+/=?^_`{|}~-@x", ".a@b", "a..b@c", "a@1.2", "a@b-c.d",
        "a@\(String(repeating: "x", count: 63)).y",
    ])
    func `what the HTML standard takes for an e-mail address is one`(_ address: String) {
        #expect(errors("{\"email\":\"\(address)\"}", for: .patch) == [])
    }

    @Test(arguments: [
        "", "a", "@", "a@", "@b", "a@@b", "a@b@c", "a b@c", "a@b c", "a@b..c", "a@.b", "a@b.", "a@-b", "a@b-", "a@b_c",
        "é@b", "a@é", "a@[1.2.3.4]",
        "(a)@b", "a,b@c", "<a@b>", "a@b\\n", "a@\(String(repeating: "x", count: 64))", "a:b@c", "a;b@c", "mailto:a@b",
    ])
    func `what it does not take is none`(_ address: String) {
        #expect(errors("{\"email\":\"\(address)\"}", for: .patch) == ["format #/email"])
    }

    @Test func `a hostile number of unknown fields gets an answer of bounded size`() throws {
        let members = (0..<10_000).map { "\"x\($0)\":0" }.joined(separator: ",")
        #expect(errors("{\(members)}", for: .patch).count == 100)
        let problem = #expect(throws: Problem.self) { try read("{\(members)}", for: .patch) }
        #expect(problem?.detail == "More than 100 fields are not valid. The first 100 errors are listed.")
        let name = String(repeating: "n", count: 100_000)
        let long = #expect(throws: Problem.self) { try read("{\"\(name)\":0}", for: .patch) }
        #expect(long?.errors.map(\.location) == [.pointer("#")])
        #expect(
            long?.errors.first?.detail
                == "has a name of 100000 bytes, \"nnnnnnnnnnnnnnnnnnnn…\", which is not a field of users")
        #expect(throws: Problem.self) { try read("{\(members),\"x9999\":0}", for: .patch) }
    }

    @Test func `records are read as a server sends them`() throws {
        let rows = try records(#"[{"id":1,"name":"A","email":"a@b.c","new":{"x":[1]}},{"new":1,"id":2,"name":null}]"#)
        #expect(rows.count == 2)
        #expect(try User.schema.record(0, of: rows) == User(id: 1, name: "A", email: "a@b.c"))
        #expect(throws: RecordError(column: 1)) { try User.schema.record(1, of: rows) }
        #expect(try records("[]").isEmpty)
        #expect(try records(#"{"id":1,"name":"A","email":"a@b.c"}"#).count == 1)
        for text in [
            "", "1", "[1]", "[[]]", #"[{"id":"1"}]"#, #"{"id":1.5}"#, #"[{}],"#, #"{"id":1,"id":1}"#, #"{"x":1,"x":1}"#,
        ] {
            #expect(throws: JSONError.self, "\(text)") { try records(text) }
        }
    }

    @Test func `a record is written in the schema's order, absent fields left out`() throws {
        let text = #"[{"id":1,"name":"A\"\n","email":"a@b.c"},{"name":"é"},{}]"#
        let rows = try records(text)
        var writer = JSONWriter()
        writer.write(array: rows, users)
        #expect(writer.withBytes { String(decoding: $0, as: UTF8.self) } == text)
        writer.removeAll()
        writer.write(array: RowBatch(width: 4), users)
        #expect(writer.withBytes { String(decoding: $0, as: UTF8.self) } == "[]")
    }

    @Test func `a problem survives the way to the client, but for its cause`() throws {
        var problem = Problem.validationFailed([
            FieldError(field: "name", .required, "is required"),
            FieldError(at: .parameter("limit"), .invalidParameter, "must be 1 to 1000"),
        ])
        problem.requestID = "r1"
        problem.cause = "secret"
        var writer = JSONWriter()
        writer.write(problem)
        let text = writer.withBytes { String(decoding: $0, as: UTF8.self) }
        #expect(
            text.hasPrefix(
                #"{"type":"urn:martlet:problem:validation_failed","title":"Unprocessable Content","status":422,"#))
        #expect(!text.contains("secret"))
        problem.cause = nil
        #expect(
            try writer.withBytes { text in
                try Result { () throws(JSONError) in try Problem(json: text, status: 422) }.get()
            } == problem)
    }

    @Test(arguments: [
        "2026-07-01T12:00:00.1234567Z", "2026-07-01T12:00:00.123456789Z", "2026-07-01T12:00:00.1234567+02:00",
        "2026-07-01T12:00:00.000000000Z",
    ])
    func `a time with more digits of a second than are kept is told how many there may be`(_ time: String) throws {
        let schema = try ResourceSchema(
            "events", [FieldSchema("id", .integer, [.key(.generated)]), FieldSchema("at", .timestamp)])
        let problem = #expect(throws: Problem.self) { try read(#"{"at":"\#(time)"}"#, for: .create, schema) }
        let error = try #require(problem?.errors.first)
        #expect(problem?.errors.count == 1 && error.location == .pointer("#/at") && error.code == .type)
        #expect(
            error.detail
                == "must be a time such as 2026-07-01T12:00:00.123456Z: years 0001 to 9999, and at most 6 digits of a second"
        )
    }

    // MARK: Helpers

    private func read(_ body: String, for kind: WriteKind, _ schema: ResourceSchema = User.schema.resource)
        throws(Problem) -> ValidatedRow
    {
        var body = body
        return try body.withUTF8 { utf8 in
            Result { () throws(Problem) in try ValidatedRow(json: UnsafeRawBufferPointer(utf8), schema, for: kind) }
        }.get()
    }

    private func records(_ text: String) throws(JSONError) -> RowBatch {
        var text = text
        return try text.withUTF8 { utf8 in
            Result { () throws(JSONError) in try users.readRecords(json: UnsafeRawBufferPointer(utf8)) }
        }.get()
    }

    private func errors(_ body: String, for kind: WriteKind, _ schema: ResourceSchema = User.schema.resource)
        -> [String]
    {
        do throws(Problem) {
            _ = try read(body, for: kind, schema)
            return []
        } catch {
            return error.errors.map { error in
                guard case .pointer(let pointer) = error.location else { return "" }
                return "\(error.code.rawValue) \(pointer)"
            }
        }
    }

    private func wideRow() -> RowBatch {
        let wide = WideModel.schema.resource
        var rows = RowBatch(width: wide.width)
        rows.appendAbsentRow()
        for (column, field) in wide.fields.enumerated() where field.isRequired {
            switch field.type {
            case .integer: rows.set(row: 0, column: column, to: .integer(1))
            default: rows.set(row: 0, column: column, to: "a@b.c")
            }
        }
        return rows
    }
}
