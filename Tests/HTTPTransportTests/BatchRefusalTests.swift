import MartletModel
import Testing

@testable import HTTPTransport

/// Batches of which nothing is done.
struct BatchRefusalTests {
    static let forms: [(body: String, errors: [String])] = [
        ("{}", ["#/operations required"]), ("[]", ["# type"]), (#"{"operations":{}}"#, ["#/operations type"]),
        (#"{"operations":[]}"#, ["#/operations length"]), (#"{"operations":null}"#, ["#/operations type"]),
        (
            #"{"operations":[7,{}]}"#,
            ["#/operations/0 type", "#/operations/1/method required", "#/operations/1/path required"]
        ),
        (
            #"{"x":1,"operations":[{"method":1,"path":[],"ifMatch":null,"y/z":2}]}"#,
            [
                "#/x unknown_field", "#/operations/0/method type", "#/operations/0/path type",
                "#/operations/0/ifMatch type", "#/operations/0/y~1z unknown_field",
            ]
        ),
    ]

    @Test(arguments: forms)
    func `a batch is operations, each with its method and path`(body: String, errors: [String]) async throws {
        try await TestServer.run { server throws in
            let answer = try server.call("POST", "/batch", body)
            #expect(answer.problemCode == "validation_failed")
            #expect(answer.errors == errors)
        }
    }

    @Test(arguments: [
        #"{"operations":[],"operations":[]}"#, #"{"operations":[{"method":"POST","method":"POST","path":"/users"}]}"#,
        #"{"operations":[{"method":"POST","path":"/users","body":{"name":"A","name":"A"}}]}"#,
        #"{"operations":[{"method":"POST","path":"/users","body":{"zz":{"a":1,"a":1}}}]}"#,
        #"{"operations":[{"method":"POST","path":"/users","body":{},"body":{}}]}"#,
        #"{"operations":[{"method":"POST"}"#,
        #"{"operations":[{"method":"POST","path":"/users","body":tru}]}"#, #"{"operations":[]}x"#,
        #"{"operations":[{"method":"POST","path":"/users","body":{"name":"\ud800"}}]}"#,
        #"{"operations":[{"method":"POST","path":"/gadgets","body":{"extra":"#
            + String(repeating: "[", count: 32) + String(repeating: "]", count: 32) + "}}]}",
    ])
    func `a batch is JSON as strict as any body, and as shallow`(body: String) async throws {
        try await TestServer.run { server throws in
            #expect(try server.call("POST", "/batch", body).problemCode == "malformed_json")
        }
    }

    /// The operations behind a first one that makes a user, and their errors.
    static let operations: [(operations: [String], errors: [String])] = [
        // Methods and paths
        ([o("GET", "/users/1")], ["1/method operation"]), ([o("post", "/users", "{}")], ["1/method operation"]),
        ([o("POST", "/users/1", "{}")], ["1/method operation"]), ([o("PUT", "/users", "{}")], ["1/method operation"]),
        ([o("DELETE", "/users")], ["1/method operation"]), ([o("", "")], ["1/method operation", "1/path operation"]),
        ([o("POST", "/nothing", "{}")], ["1/path operation"]), ([o("POST", "users", "{}")], ["1/path operation"]),
        ([o("POST", "/users/", "{}")], ["1/path operation"]), ([o("POST", "/batch", "{}")], ["1/path operation"]),
        ([o("POST", "/health/live", "{}")], ["1/path operation"]), ([o("POST", "*", "{}")], ["1/path operation"]),
        ([o("POST", "http://x/users", "{}")], ["1/path operation"]), ([o("DELETE", "/users/x")], ["1/path operation"]),
        ([o("DELETE", "/users/1?x")], ["1/path operation"]), ([o("DELETE", "/pages/a?b")], ["1/path operation"]),
        ([o("DELETE", "/pages/a#b")], ["1/path operation"]), ([o("DELETE", "/pages/a b")], ["1/path operation"]),
        ([o("DELETE", "/pages/é")], ["1/path operation"]), ([o("DELETE", "/pages/%zz")], ["1/path operation"]),
        ([o("DELETE", "/pages/%FF")], ["1/path operation"]), ([o("DELETE", "/pages/a/b")], ["1/path operation"]),
        // References as keys
        ([o("DELETE", #"/users{"$ref":"0/id"}"#)], ["1/path operation"]),
        ([o("DELETE", #"{"$ref":"0/id"}"#)], ["1/path operation"]),
        ([o("DELETE", #"/users/{"$ref":"0/id"}/x"#)], ["1/path operation"]),
        ([o("DELETE", #"/users/1/{"$ref":"0/id"}"#)], ["1/path operation"]),
        ([o("DELETE", #"/users/{"$ref":0}"#)], ["1/path operation"]),
        ([o("DELETE", #"/users/{"$ref":"0/id","x":1}"#)], ["1/path operation"]),
        ([o("DELETE", #"/users/{"$ref":"0/id""#)], ["1/path operation"]),
        ([o("DELETE", "/users/{}")], ["1/path operation"]),
        ([o("DELETE", #"/users/{"$ref":"0/name"}"#)], ["1/path type"]),
        ([o("DELETE", #"/users/{"$ref":"1/id"}"#)], ["1/path operation"]),
        ([o("POST", #"/users/{"$ref":"0/id"}"#, "{}")], ["1/method operation"]),
        ([o("PUT", #"/pages/{"$ref":"0/name"}"#, #"{"title":"T"}"#)], ["1/path operation"]),
        // Bodies
        ([o("POST", "/users")], ["1/body required"]), ([o("PATCH", "/users/1", "[]")], ["1/body type"]),
        ([o("POST", "/users", "[{}]")], ["1/body type"]), ([o("DELETE", "/users/1", "null")], ["1/body unknown_field"]),
        (
            [o("POST", "/users", #"{"x/y":1,"id":2,"email":"e"}"#), o("PATCH", "/users/1", #"{"email":"e"}"#)],
            [
                "1/body/id read_only", "1/body/name required", "1/body/email format", "1/body/x~1y unknown_field",
                "2/body/email format",
            ]
        ),
        // References as values
        ([o("POST", "/users", #"{"name":{"$ref":"0/name"},"email":{"$ref":"1/email"}}"#)], ["1/body/email operation"]),
        (
            [o("PATCH", "/users/1", #"{"name":{"$ref":"0/id"},"email":{"$ref":"0/zz"}}"#)],
            ["1/body/name type", "1/body/email operation"]
        ),
        ([o("PATCH", "/users/1", #"{"name":{"$ref":"-1/name"}}"#)], ["1/body/name operation"]),
        ([o("PATCH", "/users/1", #"{"name":{"$ref":"00/name"}}"#)], ["1/body/name operation"]),
        ([o("PATCH", "/users/1", #"{"name":{"$ref":"99999999999999999999/name"}}"#)], ["1/body/name operation"]),
        ([o("PATCH", "/users/1", #"{"name":{"$ref":"0"}}"#)], ["1/body/name operation"]),
        ([o("PATCH", "/users/1", #"{"name":{"$ref":"0/name/x"}}"#)], ["1/body/name operation"]),
        ([o("PATCH", "/users/1", #"{"name":{"$ref":null}}"#)], ["1/body/name type"]),
        ([o("PATCH", "/users/1", #"{"name":{"$ref":"0/name","x":1}}"#)], ["1/body/name type"]),
        ([o("PATCH", "/users/1", #"{"id":{"$ref":"0/id"}}"#)], ["1/body/id read_only"]),
        // Where none can stand: told once, wherever it leads.
        ([o("POST", "/pages", #"{"slug":{"$ref":"0/name"},"title":"T"}"#)], ["1/body/slug operation"]),
        ([o("POST", "/pages", #"{"slug":{"$ref":"7/nix"},"title":"T"}"#)], ["1/body/slug operation"]),
        ([o("PATCH", "/pages/a", #"{"slug":{"$ref":"0/nix"}}"#)], ["1/body/slug read_only"]),
        ([o("PATCH", "/gadgets/1", #"{"createdAt":{"$ref":"0/nix"}}"#)], ["1/body/createdAt read_only"]),
        (
            [o("PUT", "/users/1", #"{"id":{"$ref":"0/nix"},"name":"B","email":{"$ref":"0/nix"}}"#)],
            ["1/body/id operation", "1/body/email operation"]
        ),
        ([o("PATCH", "/users/1", #"{"$ref":"0/id"}"#)], ["1/body/$ref unknown_field"]),
        (
            [
                o("POST", "/gadgets", #"{"name":"G","secret":"1234"}"#),
                o("PATCH", "/users/1", #"{"name":{"$ref":"1/secret"}}"#),
            ], ["2/body/name operation"]
        ),
        // What is wrong with the operation that a reference leads to is told once.
        (
            [o("POST", "/users", "{}"), o("DELETE", #"/users/{"$ref":"1/id"}"#)],
            ["1/body/name required", "1/body/email required"]
        ),
        // Preconditions
        (
            [o("POST", "/users", "{}", ifMatch: "*")],
            ["1/ifMatch operation", "1/body/name required", "1/body/email required"]
        ),
        ([o("DELETE", "/users/1", ifMatch: "")], ["1/ifMatch format"]),
        ([o("PATCH", "/users/1", #"{"name":1}"#, ifMatch: "x")], ["1/ifMatch format", "1/body/name type"]),
        ([o("PATCH", "/users/1", #"{"_version":"1"}"#)], ["1/body/_version type"]),
    ]

    @Test(arguments: operations)
    func `everything that is wrong with a batch is told`(operations: [String], errors: [String]) async throws {
        try await TestServer.run { server throws in
            let body =
                #"{"operations":[\#(([Self.o("POST", "/users", Requests.ada)] + operations).joined(separator: ","))]}"#
            let answer = try server.call("POST", "/batch", body)
            #expect(answer.problemCode == "validation_failed")
            #expect(answer.errors == errors.map { "#/operations/\($0)" })
            #expect(try server.call("GET", "/users").body == "[]")
        }
    }

    @Test func `what is wrong with a reference is told in its own words`() async throws {
        let operations = [
            Self.o("POST", "/pages", #"{"slug":{"$ref":"0/name"},"title":{"$ref":0}}"#),
            Self.o("PUT", "/users/1", #"{"id":{"$ref":"0/id"},"name":{"$ref":"0/name","x":1},"email":{}}"#),
            Self.o("PATCH", "/gadgets/1", #"{"amount":{"$ref":0},"createdAt":{"$ref":"0/id"}}"#),
        ]
        try await TestServer.run { server throws in
            let batch = BatchTests.batch([Self.o("POST", "/users", Requests.ada)] + operations)
            let errors = try server.call("POST", "/batch", batch).json?["errors"]?.array ?? []
            #expect(
                errors.map { "\($0["pointer"]?.string ?? "") \($0["detail"]?.string ?? "")" } == [
                    "#/operations/1/body/slug can't be a $ref, as it is the key of a new record: write the key itself",
                    #"#/operations/1/body/title must have a string as $ref, as in {"$ref":"0/id"}"#,
                    "#/operations/2/body/id can't be a $ref: leave it out, as the path has the key",
                    #"#/operations/2/body/name must have no other member beside $ref, as in {"$ref":"0/id"}"#,
                    "#/operations/2/body/email must be a string",
                    #"#/operations/3/body/amount must have a string as $ref, as in {"$ref":"0/id"}"#,
                    "#/operations/3/body/createdAt is set by the server",
                ])
        }
    }

    @Test func `a condition on a record that isn't there says so`() async throws {
        try await TestServer.run { server throws in
            for (match, detail) in [
                ("*", "is *, but there is no record with this key"),
                ("\"1-00000000\"", "is not the record's version, or there is no record with this key"),
            ] {
                let put = Self.o("PUT", "/pages/a", #"{"title":"T"}"#, ifMatch: match)
                let answer = try server.call("POST", "/batch", BatchTests.batch(put))
                #expect(answer.errors == ["#/operations/0/ifMatch precondition_failed"])
                #expect(answer.json?["errors"]?.array?.first?["detail"]?.string == detail)
            }
        }
    }

    /// What the storage refuses, behind a first operation that makes a user.
    static let refusals: [(operation: String, status: Int, code: String, error: String)] = [
        (o("DELETE", "/users/9"), 404, "not_found", "1/path not_found"),
        (o("PATCH", "/users/9", "{}", ifMatch: "*"), 404, "not_found", "1/path not_found"),
        (
            o("PATCH", "/users/1", "{}", ifMatch: "\"9-00000000\""), 412, "precondition_failed",
            "1/ifMatch precondition_failed"
        ),
        (o("PATCH", "/users/1", #"{"_version":9}"#), 412, "precondition_failed", "1/body/_version precondition_failed"),
        (
            o("DELETE", "/memos/0198c5a4-7d0e-7000-8000-000000000000"), 428, "precondition_required",
            "1/ifMatch operation"
        ),
        (o("POST", "/users", Requests.ada), 409, "unique_taken", "1/body/email unique"),
        (
            o("POST", "/gadgets", #"{"name":"G","secret":"1234","owner":9}"#), 422, "validation_failed",
            "1/body/owner reference"
        ),
        // A value that its field doesn't take, known only once it is there.
        (
            o("POST", "/users", #"{"name":"B","email":{"$ref":"0/name"}}"#), 422, "validation_failed",
            "1/body/email format"
        ),
    ]

    @Test(arguments: refusals)
    func `a refusal points at its operation`(
        operation: String, status: Int, code: String, error: String
    ) async throws {
        try await TestServer.run { server throws in
            let body = BatchTests.batch(Self.o("POST", "/users", Requests.ada), operation)
            let answer = try server.call("POST", "/batch", body)
            #expect(answer.status == status && answer.problemCode == code)
            #expect(answer.errors == ["#/operations/\(error)"])
            #expect(try server.call("GET", "/users").body == "[]")
        }
    }

    @Test func `a record that others refer to stays`() async throws {
        try await TestServer.run { server throws in
            let body = BatchTests.batch(
                Self.o("POST", "/users", Requests.ada),
                Self.o("POST", "/gadgets", #"{"name":"G","secret":"1234","owner":{"$ref":"0/id"}}"#),
                Self.o("DELETE", #"/users/{"$ref":"0/id"}"#))
            let answer = try server.call("POST", "/batch", body)
            #expect(answer.problemCode == "still_referenced")
            #expect(answer.errors == ["#/operations/2/path referenced"])
        }
    }

    @Test func `what is unknown is named, up to a hundred errors`() async throws {
        try await TestServer.run { server throws in
            let fields = (0..<30).map { #""x\#($0)":1"# }.joined(separator: ",")
            let operation = Self.o("POST", "/users", "{\(fields)}")
            let answer = try server.call("POST", "/batch", BatchTests.batch(operation, operation, operation))
            #expect(answer.errors.count { $0.hasSuffix(" unknown_field") } == 90)
            #expect(answer.errors.count { $0.hasSuffix(" required") } == 6)
            #expect(answer.body.contains("96 fields are not valid.\""))
            let more = try server.call(
                "POST", "/batch", BatchTests.batch(operation, operation, operation, operation))
            #expect(more.errors.count == 100)
            #expect(more.body.contains("More than 100 fields are not valid. The first 100 errors are listed."))
        }
    }

    @Test func `a key that is known later can't be repeated in the body`() async throws {
        try await TestServer.run { server throws in
            let body = #"{"id":1,"name":"B","email":"b@c"}"#
            let batch = BatchTests.batch(
                Self.o("POST", "/users", Requests.ada), Self.o("PUT", #"/users/{"$ref":"0/id"}"#, body))
            let answer = try server.call("POST", "/batch", batch)
            #expect(answer.errors == ["#/operations/1/body/id key_mismatch"])
            #expect(answer.body.contains("must be left to the path"))
        }
    }

    @Test func `a null is no key`() async throws {
        try await TestServer.run { server throws in
            let body = BatchTests.batch(
                Self.o("POST", "/gadgets", #"{"name":"G","secret":"1234"}"#),
                Self.o("PATCH", #"/gadgets/{"$ref":"0/owner"}"#, "{}"))
            let answer = try server.call("POST", "/batch", body)
            #expect(answer.problemCode == "not_found" && answer.errors == ["#/operations/1/path not_found"])
        }
    }

    private static func o(_ method: String, _ path: String, _ body: String? = nil, ifMatch: String? = nil) -> String {
        BatchTests.operation(method, path, body, ifMatch: ifMatch)
    }
}
