import MartletModel
import Testing

@testable import HTTPTransport

/// POST /batch, when all is well.
struct BatchTests {
    static func batch(_ operations: String...) -> String { batch(operations) }

    static func batch(_ operations: [String]) -> String {
        #"{"operations":[\#(operations.joined(separator: ","))]}"#
    }

    static func operation(_ method: String, _ path: String, _ body: String? = nil, ifMatch: String? = nil) -> String {
        var writer = JSONWriter()
        writer.write(["method": .string(method), "path": .string(path)])
        let head = writer.withBytes { String(decoding: $0, as: UTF8.self) }.dropLast()
        let match = ifMatch.map { #","ifMatch":"\#($0.replacing("\"", with: "\\\""))""# } ?? ""
        return head + match + (body.map { #","body":\#($0)"# } ?? "") + "}"
    }

    @Test func `operations on several resources happen at once, in their order`() async throws {
        try await TestServer.run { server throws in
            let answer = try server.call(
                "POST", "/batch",
                Self.batch(
                    Self.operation("POST", "/users", Requests.ada),
                    Self.operation("PUT", "/pages/a", #"{"title":"A"}"#),
                    Self.operation("PATCH", "/users/1", #"{"name":"B"}"#), Self.operation("DELETE", "/pages/a"),
                    Self.operation("PUT", "/pages/a", #"{"title":"B"}"#)))
            #expect(answer.status == 200)
            #expect(answer["Location"] == nil && answer["ETag"] == nil)
            let results = try #require(answer.json?["results"]?.array)
            #expect(results.map { $0["status"]?.integer } == [201, 201, 200, 204, 201])
            #expect(
                results.map { $0["headers"]?["Location"]?.string } == ["/users/1", "/pages/a", nil, nil, "/pages/a"])
            #expect(results[0]["body"] == ["id": 1, "name": "Ada", "email": "ada@example.org"])
            #expect(results[2]["body"]?["name"] == "B")
            #expect(results[3]["headers"]?.members?.isEmpty == true && results[3]["body"] == nil)
            // The last of each record is its tag now.
            #expect(try server.call("GET", "/users/1")["ETag"] == results[2]["headers"]?["ETag"]?.string)
            #expect(try server.call("GET", "/pages/a")["ETag"] == results[4]["headers"]?["ETag"]?.string)
        }
    }

    @Test func `an operation takes values and its key from those before it`() async throws {
        try await TestServer.run { server throws in
            let answer = try server.call(
                "POST", "/batch",
                Self.batch(
                    Self.operation("POST", "/users", Requests.ada),
                    Self.operation(
                        "POST", "/gadgets", #"{"name":{"$ref":"0/name"},"owner":{"$ref":"0/id"},"secret":"1234"}"#),
                    Self.operation("PATCH", #"/gadgets/{"$ref":"1/id"}"#, #"{"amount":{"$ref":"0/id"}}"#),
                    Self.operation("PUT", #"/users/{"$ref":"1/owner"}"#, #"{"name":"B","email":{"$ref":"0/email"}}"#),
                    Self.operation("POST", "/memos", #"{"text":{"$ref":"3/name"}}"#),
                    Self.operation("DELETE", #"/gadgets/{ "$ref" : "2/id" }"#),
                    Self.operation("PATCH", #"/memos/{"$ref":"4/id"}"#, #"{"text":"t"}"#, ifMatch: "*")))
            #expect(answer.status == 200, "\(answer.body)")
            let bodies = try #require(answer.json?["results"]?.array).map { $0["body"] }
            #expect(bodies[1]?["owner"] == 1 && bodies[1]?["name"] == "Ada")
            #expect(bodies[2]?["amount"] == 1)
            #expect(bodies[3] == ["id": 1, "name": "B", "email": "ada@example.org"])
            #expect(bodies[4]?["text"] == "B" && bodies[6]?["text"] == "t")
            #expect(try server.call("GET", "/gadgets").body == "[]")
        }
    }

    @Test func `in JSON fields nothing is a reference`() async throws {
        try await TestServer.run { server throws in
            let body = #"{"name":"G","secret":"1234","extra":{"$ref":"9/id"}}"#
            let answer = try server.call("POST", "/batch", Self.batch(Self.operation("POST", "/gadgets", body)))
            #expect(answer.json?["results"]?.array?.first?["body"]?["extra"] == ["$ref": "9/id"])
            let alone = try server.call("POST", "/users", #"{"name":{"$ref":"0/name"},"email":"a@b"}"#)
            #expect(alone.errors == ["#/name type"])
        }
    }

    @Test func `operations have preconditions of their own`() async throws {
        try await TestServer.run { server throws in
            let tag = try #require(try server.call("POST", "/users", Requests.ada)["ETag"])
            let patch = Self.operation("PATCH", "/users/1", #"{"name":"B"}"#, ifMatch: "\"x\", \(tag)")
            #expect(try server.call("POST", "/batch", Self.batch(patch)).status == 200)
            let stale = try server.call("POST", "/batch", Self.batch(patch))
            #expect(stale.problemCode == "precondition_failed")
            #expect(stale.errors == ["#/operations/0/ifMatch precondition_failed"])
        }
    }

    @Test func `a hundred operations are the most`() async throws {
        try await TestServer.run { server throws in
            let many = (1...101).map { Self.operation("POST", "/users", #"{"name":"n","email":"\#($0)@x"}"#) }
            let some = try server.call(
                "POST", "/batch", #"{"operations":[\#(many.prefix(100).joined(separator: ","))]}"#)
            #expect(some.json?["results"]?.array?.count == 100)
            let answer = try server.call("POST", "/batch", #"{"operations":[\#(many.joined(separator: ","))]}"#)
            #expect(answer.problemCode == "validation_failed" && answer.errors == ["#/operations length"])
            let invalid = Self.batch([Self.operation("POST", "/users", "{}")] + many)
            #expect(
                try server.call("POST", "/batch", invalid).errors == [
                    "#/operations length", "#/operations/0/body/name required", "#/operations/0/body/email required",
                ])
        }
    }

    @Test func `a client that waits is told to go on, and a base path is part of an operation's path`() async throws {
        try await TestServer.run {
            $0.basePath = "/api"
        } _: { server throws in
            let body = Self.batch(Self.operation("POST", "/api/users", Requests.ada))
            let connection = try server.connect()
            let fields = [
                "Content-Type: application/json", "Content-Length: \(body.utf8.count)", "Expect: 100-continue",
            ]
            try connection.send(Requests.bare("POST", "/api/batch", fields))
            #expect(try connection.answer().status == 100)
            try connection.send(body)
            let answer = try connection.answer()
            #expect(answer.json?["results"]?.array?.first?["headers"]?["Location"] == "/api/users/1")
            let outside = try server.call("POST", "/api/batch", Self.batch(Self.operation("DELETE", "/users/1")))
            #expect(outside.errors == ["#/operations/0/path operation"])
            #expect(try server.call("POST", "/batch", body).status == 404)
        }
    }

    @Test func `a batch is another media type's, length's or method's as any write`() async throws {
        try await TestServer.run { server throws in
            let text = try server.answer(to: Requests.post("{}", to: "/batch", type: "text/plain"))
            #expect(text.status == 415 && text["Accept-Post"] == "application/json")
            #expect(try server.answer(to: Requests.post("", to: "/batch")).problemCode == "malformed_json")
            #expect(try server.call("POST", "/batch?x", "{}").problemCode == "invalid_parameter")
            #expect(try server.call("POST", "/batch", "{}", "Accept: text/html").status == 406)
            for method in ["GET", "HEAD", "DELETE"] {
                let answer = try server.call(method, "/batch")
                #expect(answer.status == 405 && answer["Allow"] == "POST, OPTIONS")
            }
            #expect(try server.call("OPTIONS", "/batch")["Allow"] == "POST, OPTIONS")
            #expect(try server.call("POST", "/batch/", "{}").status == 404)
            let old = "POST /batch HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
            #expect(try server.answer(to: old).errors == ["#/operations required"])
        }
    }
}
