import InMemoryLogging
import Logging
import MartletKernel
import MartletModel
import Testing

@testable import HTTPTransport

/// Requests that are well-formed HTTP, and refused: with a problem, on a connection that goes on.
struct RefusalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let request: String
        let status: Int
        let code: String
        var field: (name: String, value: String)?
        var mentions = ""

        init(
            _ request: String, _ status: Int, _ code: String, field: (String, String)? = nil, mentions: String = ""
        ) {
            (self.request, self.status, self.code, self.mentions) = (request, status, code, mentions)
            self.field = field.map { (name: $0.0, value: $0.1) }
        }

        var testDescription: String { "\(request.prefix { $0 != "\r\n" }) \(status)" }
    }

    static let cases: [Case] = [
        // Routes
        Case(Requests.get("/nothing"), 404, "not_found"),
        Case(Requests.get("/"), 404, "not_found"),
        Case(Requests.get("/users/"), 404, "not_found"),
        Case(Requests.get("//users"), 404, "not_found"),
        Case(Requests.get("/users/1/"), 404, "not_found"),
        Case(Requests.get("/users/1/posts"), 404, "not_found"),
        Case(Requests.get("/users%2F1"), 404, "not_found"),
        Case(Requests.get("/Users"), 404, "not_found"),
        Case(Requests.get("/health"), 404, "not_found"),
        Case(Requests.get("/us%ZZrs"), 400, "bad_request"),
        Case(Requests.get("/users/%4"), 400, "bad_request"),
        // Methods
        Case(
            Requests.bare("DELETE", "/users"), 405, "method_not_allowed", field: ("Allow", "GET, HEAD, POST, OPTIONS")),
        Case(Requests.with("{}", "PUT", "/users"), 405, "method_not_allowed"),
        Case(
            Requests.post("{}", to: "/users/1"), 405, "method_not_allowed",
            field: ("Allow", "GET, HEAD, PUT, PATCH, DELETE, OPTIONS")),
        Case(
            Requests.post("{}", to: "/health/live"), 405, "method_not_allowed", field: ("Allow", "GET, HEAD, OPTIONS")),
        Case(Requests.bare("TRACE", "/users"), 405, "method_not_allowed"),
        Case(Requests.bare("PROPFIND", "/users"), 501, "not_implemented"),
        Case(Requests.bare("BREW", "/nothing"), 501, "not_implemented"),
        Case(Requests.bare("get", "/users"), 501, "not_implemented"),
        Case(
            Requests.with("{}", "QUERY", "/users"), 405, "method_not_allowed",
            field: ("Allow", "GET, HEAD, POST, OPTIONS")),
        Case(Requests.bare("query", "/users"), 501, "not_implemented"),
        // Parameters
        Case(Requests.get("/users/abc"), 400, "invalid_parameter", mentions: #""parameter":"id""#),
        Case(Requests.get("/users/01"), 400, "invalid_parameter"),
        Case(Requests.get("/users/+1"), 400, "invalid_parameter"),
        Case(Requests.get("/users/9223372036854775808"), 400, "invalid_parameter"),
        Case(Requests.get("/users/.."), 400, "invalid_parameter"),
        Case(Requests.get("/users?offset=1"), 400, "invalid_parameter", mentions: "cursor=…"),
        Case(Requests.get("/users/1?fields=id"), 400, "invalid_parameter", mentions: "known are expand"),
        Case(Requests.get("/users/1?expand=id"), 400, "invalid_parameter", mentions: "there are none"),
        Case(Requests.get("/users/a?expand=id&x"), 400, "invalid_parameter", mentions: #""parameter":"id""#),
        Case(
            Requests.get("/gadgets/1?expand=owner", "If-None-Match: \"1-0\""), 400, "invalid_parameter",
            mentions: "If-None-Match is not served with expand"),
        Case(Requests.get("/gadgets/1?expand=owner", "If-Match: *"), 400, "invalid_parameter", mentions: "no ETag"),
        Case(Requests.bare("DELETE", "/users/1?expand=x"), 400, "invalid_parameter", mentions: "takes none"),
        Case(Requests.post("{}", to: "/users?x=1"), 400, "invalid_parameter"),
        Case(Requests.get("/health/live?verbose"), 400, "invalid_parameter"),
        // Media types
        Case(Requests.get("/users", "Accept: text/html"), 406, "not_acceptable"),
        Case(Requests.get("/users", "Accept: application/json;q=0, */*"), 406, "not_acceptable"),
        Case(Requests.get("/users", "Accept: text/html", "Accept: application/*;q=0.000"), 406, "not_acceptable"),
        Case(
            Requests.post(Requests.ada, type: "text/plain"), 415, "unsupported_media_type",
            field: ("Accept-Post", "application/json")),
        Case(Requests.post(Requests.ada, type: "application/json; charset=latin1"), 415, "unsupported_media_type"),
        Case(Requests.post(Requests.ada, type: "application/merge-patch+json"), 415, "unsupported_media_type"),
        Case(Requests.bare("POST", "/users"), 415, "unsupported_media_type"),
        Case(
            Requests.with("{}", "PATCH", "/users/1", type: "text/plain"), 415, "unsupported_media_type",
            field: ("Accept-Patch", "application/json, application/merge-patch+json")),
        Case(
            Requests.with("{}", "POST", "/users", "Content-Encoding: gzip"), 415, "unsupported_media_type",
            field: ("Accept-Encoding", "identity")),
        // Bodies
        Case(Requests.post(""), 400, "malformed_json"),
        Case(Requests.post("{"), 400, "malformed_json"),
        Case(Requests.post("{}"), 422, "validation_failed", mentions: "#/email"),
        Case(Requests.post(#"{"name":"A","email":"a@b","age":1}"#), 422, "validation_failed", mentions: "#/age"),
        Case(Requests.with("{}", "GET", "/users"), 400, "bad_request", mentions: "takes no body"),
        Case(Requests.with("{}", "DELETE", "/users/1"), 400, "bad_request"),
        Case(Requests.chunkedPost("{}", to: "/users").replacing("POST", with: "GET"), 400, "bad_request"),
        // The order of judgement
        Case(Requests.bare("BREW", "/users/abc?x", ["Accept: text/html"]), 501, "not_implemented"),
        Case(Requests.with("{", "POST", "/nothing?x", type: "text/plain", "Accept: text/html"), 404, "not_found"),
        Case(Requests.with("{", "PUT", "/users?x", type: "text/plain", "Accept: text/html"), 405, "method_not_allowed"),
        Case(Requests.with("{", "POST", "/users?x", type: "text/plain", "Accept: text/html"), 400, "invalid_parameter"),
        Case(Requests.with("{", "POST", "/users", type: "text/plain"), 415, "unsupported_media_type"),
        Case(Requests.with("{", "PATCH", "/users/7"), 400, "malformed_json"),
        Case(Requests.with("{}", "PATCH", "/users/7"), 404, "not_found"),
    ]

    @Test func `a path of encoded slashes leads nowhere, however long it is`() async throws {
        try await TestServer.run { server in
            for path in ["", "/users", "/users/1"].map({ $0 + String(repeating: "/%2F", count: 16_000) }) {
                let answer = try server.answer(to: Requests.get(path))
                #expect((answer.status, answer.problemCode) == (404, "not_found"))
            }
            // A batch's path may be longer than a target.
            let path = String(repeating: "/%2F", count: 250_000)
            let batch = try server.call("POST", "/batch", #"{"operations":[{"method":"DELETE","path":"\#(path)"}]}"#)
            #expect((batch.status, batch.problemCode) == (422, "validation_failed"))
        }
    }

    @Test(arguments: cases)
    func `a refused request has a problem, and the next one on the connection is served`(_ test: Case) async throws {
        try await TestServer.run { server throws in
            let connection = try server.connect()
            try connection.send(test.request + Requests.get("/health/live"))
            let answer = try connection.answer()
            #expect(answer.status == test.status)
            #expect(answer.problemCode == test.code)
            #expect(answer.body.contains(test.mentions))
            if let field = test.field { #expect(answer[field.name] == field.value) }
            #expect(answer["Connection"] == nil)
            #expect(try connection.answer().status == 200)
        }
    }

    @Test(arguments: [
        "*/*", "application/json", "application/*;q=0.5", "text/html, application/json;q=0.1", "APPLICATION/JSON",
        "text/html, image/gif, *; q=.2, */*; q=.2", "*/*;q=0, application/json", "application/json; charset=utf-8",
    ])
    func `JSON is sent to who takes it`(accept: String) async throws {
        try await TestServer.run { server throws in
            #expect(try server.answer(to: Requests.get("/users", "Accept: \(accept)")).status == 200)
        }
    }

    @Test(arguments: [
        "application/json", "Application/JSON; charset=UTF-8", "application/json;charset=\"utf-8\"",
        "application/json ; x=y",
    ])
    func `JSON has several spellings as a content type`(type: String) async throws {
        try await TestServer.run { server throws in
            #expect(try server.answer(to: Requests.post(Requests.ada, type: type)).status == 201)
        }
    }

    @Test(arguments: [
        (StorageError.overloaded, 503, "overloaded", true), (.unavailable("at secret"), 503, "unavailable", true),
        (.outcomeUnknown("secret"), 504, "outcome_unknown", false), (.full, 507, "storage_full", false),
        (.internal("secret"), 500, "internal", false), (.noKeysLeft("secret"), 503, "unavailable", false),
    ])
    func `a storage's failure is the client's problem, its cause is not`(
        error: StorageError, status: Int, code: String, isRetried: Bool
    ) async throws {
        try await TestServer.run { server throws in
            server.storage.fail(with: error)
            let answer = try server.answer(to: Requests.post(Requests.ada))
            #expect(answer.status == status)
            #expect(answer.problemCode == code)
            #expect((answer["Retry-After"] != nil) == isRetried)
            #expect(!answer.body.contains("secret"))
            let logged = server.log.entries.filter { $0.level == .error }
            #expect(logged.allSatisfy { $0.metadata["requestId"]?.description == answer["X-Request-Id"] })
            #expect(logged.count == (code == "overloaded" || code == "storage_full" ? 0 : 1))
        }
    }
}
