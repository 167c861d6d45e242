import MartletModel
import Testing
import UsersModel

@Suite struct BatchBodyTests {
    private let users = User.schema.resource

    @Test func `operations are read in their order, and then each body where it stands`() throws {
        let text = #"""
            {"operations": [
              {"method":"POST", "path":"/users", "body": {"name":"Ada", "email":"a@b.c"}},
              {"path":"/users/1", "ifMatch":"\"1-2\"", "method":"PATCH", "body":{"name":{"$ref":"0/name"}}},
              {"method":"DELETE","path":"/users/\u0032"}
            ]}
            """#
        let body = try self.body(text)
        #expect(body.operations.map(\.method) == ["POST", "PATCH", "DELETE"])
        #expect(body.operations.map(\.path) == ["/users", "/users/1", "/users/2"])
        #expect(body.operations.map(\.ifMatch) == [nil, "\"1-2\"", nil])
        #expect(body.operations.map(\.hasBody) == [true, true, false])
        let first = try row(0, text, for: .create)
        #expect(first.cells.string(of: first.cells[0, 1]) == "Ada")
        #expect(first.references.isEmpty)
        let second = try row(1, text, for: .patch)
        #expect(second.references == [1: "0/name"])
        #expect(second.cells[0, 1].isAbsent)
        #expect(errors { () throws(Problem) in _ = try row(2, text, for: .create) } == ["required #"])
    }

    @Test(arguments: [
        ("[]", ["type #"]), ("1", ["type #"]), ("{}", ["required #/operations"]),
        (#"{"operations":{}}"#, ["type #/operations"]), (#"{"operations":[]}"#, ["length #/operations"]),
        (#"{"operations":[1]}"#, ["type #/operations/0"]),
        (#"{"operations":[{}]}"#, ["required #/operations/0/method", "required #/operations/0/path"]),
        (
            #"{"operations":[{"method":1,"path":null,"ifMatch":[],"x":1}]}"#,
            [
                "type #/operations/0/method", "type #/operations/0/path", "type #/operations/0/ifMatch",
                "unknown_field #/operations/0/x",
            ]
        ),
        (#"{"operations":[{"method":"GET","path":"/"}],"more":1}"#, ["unknown_field #/more"]),
    ])
    func `what is no batch has errors at their places`(_ text: String, _ expected: [String]) {
        let errors = errors { () throws(Problem) in
            let body = try body(text)
            let all =
                body.errors
                + body.operations.enumerated().flatMap { index, operation in
                    operation.errors.map { $0.under("/operations/\(index)") }
                }
            throw .validationFailed(all)
        }
        #expect(errors == expected)
    }

    @Test(arguments: [
        #"{"operations":[],"operations":[]}"#, #"{"operations":[{"method":"GET","method":"GET"}]}"#, "{", "",
        #"{"operations":[{"method":"POST","path":"/users","body":{"a":1,}}]}"#, #"{"operations":[]}x"#,
    ])
    func `what is no JSON is malformed`(_ text: String) {
        let problem = #expect(throws: Problem.self) { try body(text) }
        #expect(problem?.code == .malformedJSON)
    }

    @Test func `a batch has 1 to 100 operations`() throws {
        func batch(_ count: Int) -> String {
            let operations = Array(repeating: #"{"method":"DELETE","path":"/users/1"}"#, count: count)
            return #"{"operations":[\#(operations.joined(separator: ","))]}"#
        }
        #expect(try body(batch(100)).operations.count == 100)
        #expect(try body(batch(101)).errors.map(\.code) == [.length])
    }

    @Test(arguments: [
        (#"{"name":{"$ref":"0/id","x":1},"email":"a@b.c"}"#, ["type #/name"]),
        (#"{"name":{"$ref":1},"email":"a@b.c"}"#, ["type #/name"]),
        (#"{"name":{},"email":"a@b.c"}"#, ["type #/name"]),
        (#"{"id":{"$ref":"0/id"},"name":"a","email":"a@b.c"}"#, ["read_only #/id"]),
        (#"{"name":"","email":{"$ref":"0/email"}}"#, ["length #/name"]),
        (#"{"name":{"$ref":"0/id"},"email":{"$ref":"0/email"}}"#, []),
    ])
    func `a reference stands alone, for a value that a client writes`(_ record: String, _ expected: [String]) throws {
        let text = #"{"operations":[{"method":"POST","path":"/users","body":\#(record)}]}"#
        #expect(errors { () throws(Problem) in _ = try row(0, text, for: .create) } == expected)
    }

    @Test func `a value that comes later is judged as any other`() throws {
        let text = #"{"operations":[{"method":"POST","path":"/","body":{"name":"a","email":{"$ref":"0/name"}}}]}"#
        let row = try row(0, text, for: .create)
        var values = RowBatch(width: 2)
        values.append("a@b.c")
        values.append(.null)
        let good = try row.resolving(users) { _ in (values[0, 0], values) }
        #expect(good.cells.string(of: good.cells[0, 2]) == "a@b.c")
        #expect(good.references.isEmpty)
        #expect(
            errors { () throws(Problem) in _ = try row.resolving(users) { _ in (values[0, 1], values) } } == [
                "not_nullable #/email"
            ])
    }

    private func body(_ text: String) throws(Problem) -> BatchBody {
        var text = text
        return try text.withUTF8 { utf8 in
            Result { () throws(Problem) in try BatchBody(json: UnsafeRawBufferPointer(utf8)) }
        }.get()
    }

    private func row(_ operation: Int, _ text: String, for kind: WriteKind) throws(Problem) -> ValidatedRow {
        var text = text
        return try text.withUTF8 { utf8 in
            Result { () throws(Problem) in
                let bytes = UnsafeRawBufferPointer(utf8)
                let body = try BatchBody(json: bytes)
                do throws(InvalidRow) {
                    return try body.row(of: operation, in: bytes, users, for: kind)
                } catch {
                    throw .validationFailed(error.errors)
                }
            }
        }.get()
    }

    private func errors(_ body: () throws(Problem) -> Void) -> [String] { Reading.errors(body) }
}
