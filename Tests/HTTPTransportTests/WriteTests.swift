import MartletModel
import Testing

@testable import HTTPTransport

/// What PUT and PATCH do to a record, and where records are.
struct WriteTests {
    private static let gadget = #"{"name":"G","amount":5,"secret":"1234"}"#

    @Test func `what is read can be sent back by PUT`() async throws {
        try await TestServer.run { server throws in
            let full = #"""
                {"name":"Gadget","amount":1e2,"ratio":-0.0,"isActive":false,"madeAt":"2026-07-01T14:00:00+02:00",
                 "day":"2026-02-28","token":"0198C5A4-7D0E-7000-8000-00000000000A","data":"AQID",
                 "extra":{"b":[1,null],"a":"é"},"color":"green","shade":"dark","code":"ABC","secret":"1234"}
                """#
            let created = try server.call("POST", "/gadgets", full)
            #expect(created.status == 201)
            #expect(
                created.body.hasPrefix(
                    #"{"id":1,"name":"Gadget","amount":100,"ratio":0.0,"isActive":false,"#
                        + #""madeAt":"2026-07-01T12:00:00.000000Z","day":"2026-02-28","#
                        + #""token":"0198c5a4-7d0e-7000-8000-00000000000a","data":"AQID","#
                        + #""extra":{"a":"é","b":[1,null]},"color":"green","shade":"dark","code":"ABC","#
                        + #""state":"new","owner":null,"createdAt":""#))
            let put = try server.call("PUT", "/gadgets/1", created.body)
            #expect(put.status == 200)
            #expect(put.body == created.body)
            #expect(put["ETag"] == created["ETag"])
        }
    }

    @Test func `PUT sets what it doesn't have to its default, else to null`() async throws {
        try await TestServer.run { server throws in
            _ = try server.call(
                "POST", "/gadgets", #"{"name":"G","amount":5,"isActive":false,"color":"green","secret":"1234"}"#)
            let put = try server.call("PUT", "/gadgets/1", #"{"name":"H","state":7,"createdAt":null,"id":1}"#)
            #expect(put.status == 200)
            let json = try #require(put.json)
            #expect(json["amount"] == .null && json["isActive"] == true && json["color"] == "red")
            #expect(json["state"] == "new")
        }
    }

    @Test(arguments: [
        ("PUT", "{}", ["#/name required"]),
        ("PUT", #"{"name":"N","id":2}"#, ["#/id key_mismatch"]),
        ("PUT", #"{"name":"N","id":"1"}"#, ["#/id key_mismatch"]),
        ("PUT", #"{"name":null,"isActive":null}"#, ["#/name not_nullable", "#/isActive not_nullable"]),
        ("PATCH", #"{"name":null,"amount":null,"color":null}"#, ["#/name not_nullable", "#/color not_nullable"]),
        ("PATCH", "[]", ["# type"]), ("PATCH", "null", ["# type"]), ("PUT", "7", ["# type"]),
        ("PUT", "[{}]", ["# type"]),
        (
            "PATCH", #"{"zz":1,"createdAt":"x","state":"a","id":1,"a/b~":2}"#,
            [
                "#/id read_only", "#/state read_only", "#/createdAt read_only", "#/zz unknown_field",
                "#/a~1b~0 unknown_field",
            ]
        ),
        (
            "PATCH",
            #"{"amount":1001,"ratio":1e400,"madeAt":"2026-02-30T00:00:00Z","day":"x","token":"1","data":"A","shade":"x"}"#,
            [
                "#/amount range", "#/ratio range", "#/madeAt type", "#/day type", "#/token type", "#/data type",
                "#/shade enum",
            ]
        ),
        (
            "PATCH", #"{"secret":"123","code":"abc","name":"a\u0000"}"#,
            ["#/name characters", "#/code pattern", "#/secret length"]
        ),
    ])
    func `all that is wrong with a body is told, in the schema's order`(
        method: String, body: String, errors: [String]
    ) async throws {
        try await TestServer.run { server throws in
            _ = try server.call("POST", "/gadgets", Self.gadget)
            let answer = try server.call(method, "/gadgets/1", body)
            #expect(answer.problemCode == "validation_failed")
            #expect(answer.errors == errors)
        }
    }

    @Test func `PATCH leaves what is absent, clears what is null and replaces JSON whole`() async throws {
        try await TestServer.run { server throws in
            _ = try server.call("POST", "/gadgets", #"{"name":"G","amount":5,"extra":{"a":1,"b":2},"secret":"1234"}"#)
            let patched = try server.call("PATCH", "/gadgets/1", #"{"amount":null,"extra":{"a":null}}"#)
            let json = try #require(patched.json)
            #expect(json["name"] == "G" && json["amount"] == .null)
            #expect(json["extra"] == ["a": .null])
            let cleared = try server.call("PATCH", "/gadgets/1", #"{"extra":null}"#)
            #expect(cleared.json?["extra"] == .null)
            #expect(cleared["ETag"] != patched["ETag"])
            for body in ["{}", #"{"extra":null}"#, #"{"name":"G"}"#, #"{"secret":"1234"}"#] {
                let kept = try server.call("PATCH", "/gadgets/1", body)
                #expect(kept.status == 200 && kept["ETag"] == cleared["ETag"] && kept.body == cleared.body)
            }
        }
    }

    @Test func `what is only written is in no answer`() async throws {
        try await TestServer.run { server throws in
            let secret = "hidden!"
            let body = #"{"name":"G","code":"ABC","secret":"\#(secret)"}"#
            let operation = #"{"method":"PATCH","path":"/gadgets/1","body":{"secret":"\#(secret)!"}}"#
            let (prefer, key) = ("Prefer: return=representation", "Idempotency-Key: k")
            let answers = [
                try server.call("POST", "/gadgets", body, key), try server.call("POST", "/gadgets", body, key),
                try server.call("POST", "/gadgets", #"[{"name":"H","secret":"\#(secret)"}]"#),
                try server.call("GET", "/gadgets/1"), try server.call("GET", "/gadgets"),
                try server.call("PUT", "/gadgets/1", body), try server.call("PATCH", "/gadgets/1", body),
                try server.call("POST", "/batch", #"{"operations":[\#(operation)]}"#),
                try server.call("POST", "/gadgets", body),
                try server.call("PATCH", "/gadgets/1", #"{"secret":"\#(secret)\#(secret)\#(secret)"}"#),
                try server.call("DELETE", "/gadgets/1", nil, prefer),
            ]
            #expect(answers.map(\.status) == [201, 201, 201, 200, 200, 200, 200, 200, 409, 422, 200])
            for answer in answers {
                #expect(!answer.body.contains(secret))
                if answer.status < 300 { #expect(!answer.body.contains("secret")) }
            }
        }
    }

    @Test func `every field that is taken is named`() async throws {
        try await TestServer.run { server throws in
            _ = try server.call("POST", "/gadgets", #"{"name":"G","code":"ABC","secret":"1234"}"#)
            let taken = try server.call("POST", "/gadgets", #"{"name":"H","code":"ABC","secret":"1234"}"#)
            #expect(taken.problemCode == "unique_taken" && taken.errors == ["#/code unique"])
            let missing = try server.call("POST", "/gadgets", #"{"name":"H","owner":7,"secret":"1234"}"#)
            #expect(missing.problemCode == "validation_failed" && missing.errors == ["#/owner reference"])
            _ = try server.call("POST", "/users", Requests.ada)
            #expect(try server.call("PATCH", "/gadgets/1", #"{"owner":1}"#).status == 200)
            let referenced = try server.call("DELETE", "/users/1")
            #expect(referenced.problemCode == "still_referenced" && referenced.errors == ["id referenced"])
        }
    }

    @Test(arguments: [
        ("PATCH", "/users/9", #"{"email":"ada@example.org"}"#, "If-Match: \"7-00000000\"", "not_found"),
        ("PATCH", "/users/2", #"{"email":"ada@example.org"}"#, "If-Match: \"7-00000000\"", "precondition_failed"),
        ("PATCH", "/users/2", #"{"email":"ada@example.org"}"#, "If-Match: *", "unique_taken"),
        ("PATCH", "/users/9", #"{"email":""}"#, "If-Match: \"7-00000000\"", "validation_failed"),
        ("PATCH", "/users/9", "{", "If-Match: \"7-00000000\"", "malformed_json"),
        ("PATCH", "/users/9", "{", "If-Match: x", "invalid_parameter"),
        ("PATCH", "/users/x", "{", "If-Match: \"7-00000000\"", "invalid_parameter"),
        ("PUT", "/users/9", #"{"name":"A","email":"ada@example.org"}"#, "If-None-Match: *", "not_found"),
        ("PUT", "/users/2", #"{"name":"A","email":"ada@example.org"}"#, "If-None-Match: *", "precondition_failed"),
    ])
    func `a write is judged in one order`(
        method: String, target: String, body: String, field: String, code: String
    ) async throws {
        try await TestServer.run { server throws in
            _ = try server.call("POST", "/users", #"[\#(Requests.ada),{"name":"B","email":"b@c"}]"#)
            #expect(try server.call(method, target, body, field).problemCode == code)
        }
    }
}
