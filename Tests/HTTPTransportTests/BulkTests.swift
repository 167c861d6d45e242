import MartletModel
import Testing

@testable import HTTPTransport

/// POST with an array.
struct BulkTests {
    private static func users(_ numbers: some Sequence<Int>) -> String {
        "[" + numbers.map { #"{"name":"n","email":"\#($0)@x"}"# }.joined(separator: ",") + "]"
    }

    @Test func `all records are made, in their order`() async throws {
        try await TestServer.run { server throws in
            for (count, first) in [(1, 1), (3, 2)] {
                let numbers = first..<first + count
                let made = try server.call("POST", "/users", Self.users(numbers))
                #expect(made.status == 201 && made["Location"] == nil && made["ETag"] == nil)
                let records = try #require(made.json?.array)
                #expect(records.map { $0["id"]?.integer } == numbers.map { $0 })
                #expect(records.map { $0["email"]?.string } == numbers.map { "\($0)@x" })
            }
            // Of these no value is compared with a thousand others.
            let memos = "[" + (1...1000).map { #"{"text":"\#($0)"}"# }.joined(separator: ",") + "]"
            let made = try server.call("POST", "/memos", memos)
            #expect(made.json?.array?.map { $0["text"]?.string } == (1...1000).map { "\($0)" })
        }
    }

    @Test(arguments: [
        ("[]", 422, "validation_failed", ["# length"]),
        (
            "[1,null,{},[]]", 422, "validation_failed",
            ["#/0 type", "#/1 type", "#/2/name required", "#/2/email required", "#/3 type"]
        ),
        (
            #"[{"name":"A","email":"a@b"},{"name":"A","email":"a"},{"email":"a@b","x":1,"name":2,"id":1}]"#, 422,
            "validation_failed", ["#/1/email format", "#/2/id read_only", "#/2/name type", "#/2/x unknown_field"]
        ),
        (#"[{"name":"A","email":"a@b"},{]"#, 400, "malformed_json", []),
        (#"[{"name":"A","email":"a@b"},]"#, 400, "malformed_json", []),
        (#"[{"name":"A","email":"a@b"}"#, 400, "malformed_json", []),
        (#"[{"name":"A","email":"a@b"}] []"#, 400, "malformed_json", []),
        (#"[{"name":"A","name":"A","email":"a@b"}]"#, 400, "malformed_json", []),
        (#"[{"name":1},{"name":"\ud800"}]"#, 400, "malformed_json", []),
        // What is beyond the limit of nesting.
        (String(repeating: "[", count: 37) + String(repeating: "]", count: 37), 400, "malformed_json", []),
        (#"[{"name":"A","email":"a@b"},{"name":"B","email":"A@B"}]"#, 409, "unique_taken", ["#/1/email unique"]),
    ])
    func `when one can't be made none is`(body: String, status: Int, code: String, errors: [String]) async throws {
        try await TestServer.run { server throws in
            let answer = try server.call("POST", "/users", body)
            #expect(answer.status == status && answer.problemCode == code)
            #expect(answer.errors == errors)
            #expect(try server.call("GET", "/users").body == "[]")
        }
    }

    @Test func `more than a thousand are refused, if they are JSON at all`() async throws {
        try await TestServer.run { server throws in
            let answer = try server.call("POST", "/users", Self.users(1...1001))
            #expect(answer.problemCode == "validation_failed" && answer.errors == ["# length"])
            #expect(answer.body.contains("1001"))
            let invalid = #"[{"name":"","email":"x","z":1},"# + Self.users(1...1000).dropFirst()
            let all = try server.call("POST", "/users", String(invalid))
            #expect(all.errors == ["# length", "#/0/name length", "#/0/email format", "#/0/z unknown_field"])
            let many = "[" + Array(repeating: "{}", count: 1001).joined(separator: ",") + "]"
            #expect(try server.call("POST", "/users", many).errors.count == 100)
            let malformed = Self.users(1...1001).dropLast() + ",tru]"
            #expect(try server.call("POST", "/users", String(malformed)).problemCode == "malformed_json")
            #expect(try server.call("GET", "/users").body == "[]")
        }
    }
}
