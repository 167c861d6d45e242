import MartletModel
import Testing
import UsersModel

@testable import HTTPTransport

/// Entity tags, and requests that depend on them.
struct ConditionTests {
    private static let bea = #"{"name":"Bea","email":"bea@example.org"}"#

    @Test func `a record's tag is its version and its schema's checksum, whatever the answer is`() async throws {
        try await TestServer.run { server throws in
            let checksum = EntityTag(version: 1, checksum: User.schema.resource.checksum).text.suffix(10)
            let created = try server.call("POST", "/users", Requests.ada)
            #expect(created["ETag"] == "\"1\(checksum)")
            #expect(try server.call("GET", "/users/1")["ETag"] == created["ETag"])
            #expect(try server.call("HEAD", "/users/1")["ETag"] == created["ETag"])
            let kept = try server.call("PATCH", "/users/1", #"{"name":"Ada"}"#)
            #expect(kept["ETag"] == created["ETag"])
            #expect(try server.call("PUT", "/users/1", Requests.ada)["ETag"] == created["ETag"])
            let changed = try server.call("PATCH", "/users/1", #"{"name":"Bea"}"#)
            let version = changed["ETag"].flatMap { Int($0.dropFirst().prefix { $0 != "-" }) }
            #expect(try #require(version) > 1)
            #expect(changed["ETag"]?.hasSuffix(checksum) == true)
            #expect(try server.call("GET", "/users/1")["ETag"] == changed["ETag"])
            #expect(try server.call("PUT", "/users/1", Self.bea)["ETag"] != changed["ETag"])
            #expect(try server.call("GET", "/users")["ETag"] == nil)
            let page = try server.call("PUT", "/pages/a", #"{"title":"A"}"#)
            #expect(page["ETag"]?.hasSuffix(checksum) == false)
        }
    }

    /// `TAG` stands for the record's tag, `VERSION` for what precedes its checksum.
    static let noneMatch: [(fields: [String], status: Int)] = [
        (["TAG"], 304), (["W/TAG"], 304), (["*"], 304), ([#""x", TAG"#], 304), ([#""x",TAG,W/"y""#], 304),
        (["TAG,"], 304),
        (["\"x\"", "TAG"], 304), (["TAG", ""], 304), ([#""""#], 200), ([#""x""#], 200), ([#"VERSION-00000000""#], 200),
        (["x"], 400), ([""], 400), (["TAG TAG"], 400), (["*, TAG"], 400), (["*", "TAG"], 400), (["x", "TAG"], 400),
    ]

    @Test(arguments: noneMatch)
    func `what the client has already isn't sent again`(fields: [String], status: Int) async throws {
        try await TestServer.run { server throws in
            let tag = try #require(try server.call("POST", "/users", Requests.ada)["ETag"])
            let lines = Self.lines("If-None-Match", fields, tag)
            for method in ["GET", "HEAD"] {
                let answer = try server.answer(to: Requests.bare(method, "/users/1", lines))
                #expect(answer.status == status)
                guard status == 304 else { continue }
                #expect(answer["ETag"] == tag)
                #expect(answer["Cache-Control"] == "private, no-cache" && answer["Vary"] == "Accept, Prefer")
                #expect(answer["Content-Length"] == nil && answer["Content-Type"] == nil && answer.body.isEmpty)
            }
            #expect(
                try server.answer(to: Requests.bare("GET", "/users/2", lines)).status == (status == 400 ? 400 : 404))
        }
    }

    static let match: [(fields: [String], isMet: Bool?)] = [
        (["TAG"], true), (["*"], true), ([#""x", TAG"#], true), (["\"x\"", "TAG"], true),
        (["VERSION-00000000\""], true),
        (["W/TAG"], false), ([#""x""#], false), (["\"1-00000000\""], false), (["W/\"x\", \"y\""], false),
        (["x"], nil), ([""], nil), (["TAG; TAG"], nil), (["*", "*"], nil), (["TAG", "\"x"], nil),
    ]

    @Test(arguments: match)
    func `a record is read or changed in the version that is meant`(fields: [String], isMet: Bool?) async throws {
        try await TestServer.run { server throws in
            _ = try server.call("POST", "/users", Requests.ada)
            let tag = try #require(try server.call("PATCH", "/users/1", #"{"name":"Old"}"#)["ETag"])
            let lines = Self.lines("If-Match", fields, tag)
            let requests = [
                Requests.bare("GET", "/users/1", lines), Requests.bare("HEAD", "/users/1", lines),
                Self.with(Requests.ada.replacing("Ada", with: "Old"), "PUT", "/users/1", lines),
                Self.with(#"{"name":"Old"}"#, "PATCH", "/users/1", lines), Requests.bare("DELETE", "/users/1", lines),
            ]
            for request in requests {
                let answer = try server.answer(to: request)
                switch isMet {
                case true?: #expect((200...204).contains(answer.status))
                case false?: #expect(answer.status == 412)
                case nil: #expect(answer.status == 400)
                }
                let code = isMet == false ? "precondition_failed" : "invalid_parameter"
                if isMet != true, !request.hasPrefix("HEAD") { #expect(answer.problemCode == code) }
            }
            #expect(try server.call("GET", "/users/1").status == (isMet == true ? 404 : 200))
        }
    }

    @Test(arguments: ["GET", "PUT", "PATCH", "DELETE"])
    func `a record that isn't there has no version to be wrong`(method: String) async throws {
        try await TestServer.run { server throws in
            let body = ["PUT", "PATCH"].contains(method) ? Requests.ada : nil
            for value in ["*", "\"1-00000000\""] {
                #expect(try server.call(method, "/users/1", body, "If-Match: \(value)").problemCode == "not_found")
            }
        }
    }

    @Test func `a version in the body is a precondition too`() async throws {
        try await TestServer.run { server throws in
            _ = try server.call("POST", "/users", Requests.ada)
            let tag = try #require(try server.call("PATCH", "/users/1", #"{"name":"Old"}"#)["ETag"])
            let version = tag.dropFirst().prefix { $0 != "-" }
            let stale = try server.call("PATCH", "/users/1", #"{"name":"New","_version":1}"#)
            #expect(stale.problemCode == "precondition_failed")
            #expect(stale.errors == ["#/_version precondition_failed"])
            #expect(stale.body.contains("read it again, and send its _version."))
            let stalePut = try server.call("PUT", "/users/1", #"{"name":"N","email":"a@b","_version":1}"#)
            #expect(stalePut.problemCode == "precondition_failed")
            let both = try server.call(
                "PATCH", "/users/1", #"{"name":"New","_version":\#(version)}"#, "If-Match: \"1-00000000\"")
            #expect(both.problemCode == "precondition_failed")
            let inBatch = try server.call(
                "POST", "/batch",
                BatchTests.batch([
                    BatchTests.operation("PATCH", "/users/1", #"{"_version":1}"#),
                    BatchTests.operation("PATCH", "/users/1", "{}", ifMatch: "\"1-00000000\""),
                    BatchTests.operation("PATCH", "/users/1", #"{"_version":1}"#, ifMatch: "\"1-00000000\""),
                ]))
            #expect(
                inBatch.errors == [
                    "#/operations/0/body/_version precondition_failed", "#/operations/1/ifMatch precondition_failed",
                    "#/operations/2/ifMatch precondition_failed", "#/operations/2/body/_version precondition_failed",
                ])
            let fresh = try server.call(
                "PATCH", "/users/1", #"{"name":"New","_version":\#(version).0}"#, "If-Match: \(tag)")
            #expect(fresh.status == 200)
            for wrong in ["\"1\"", "null", "1.5", "{}"] {
                let answer = try server.call("PATCH", "/users/1", #"{"_version":\#(wrong)}"#)
                #expect(answer.status == 422 && answer.body.contains(##""pointer":"#/_version","code":"type""##))
            }
            let created = try server.call("POST", "/users", #"{"name":"A","email":"a@b","_version":1}"#)
            #expect(created.body.contains(##""pointer":"#/_version","code":"read_only""##))
        }
    }

    @Test func `a resource that requires preconditions takes no change without one`() async throws {
        try await TestServer.run { server throws in
            let created = try server.call("POST", "/memos", #"{"text":"a"}"#)
            let (path, tag) = (try #require(created["Location"]), try #require(created["ETag"]))
            for (method, body) in [("PUT", #"{"text":"b"}"#), ("PATCH", "{}"), ("DELETE", nil)] {
                #expect(try server.call(method, path, body).status == 428)
                #expect(try server.call(method, path, body).problemCode == "precondition_required")
            }
            #expect(try server.call("PATCH", path, #"{"text":"b","_version":1}"#).status == 200)
            #expect(try server.call("PUT", path, #"{"text":"c"}"#, "If-Match: \(tag)").status == 412)
            #expect(try server.call("DELETE", path, nil, "If-Match: *").status == 204)
        }
    }

    private static func lines(_ name: String, _ values: [String], _ tag: String) -> [String] {
        let version = tag.prefix { $0 != "-" }
        return values.map { "\(name): " + $0.replacing("TAG", with: tag).replacing("VERSION", with: version) }
    }

    private static func with(_ body: String, _ method: String, _ target: String, _ lines: [String]) -> String {
        let framing = ["Content-Type: application/json", "Content-Length: \(body.utf8.count)"]
        return Requests.bare(method, target, framing + lines) + body
    }
}

/// Where a field has no meaning.
extension ConditionTests {
    @Test(arguments: [
        ("GET", "/users", "If-Match: *"), ("GET", "/users", "If-None-Match: x"), ("POST", "/users", "If-Match: *"),
        ("POST", "/users", "If-None-Match: *"), ("POST", "/batch", "If-Match: *"),
        ("PATCH", "/users/1", "If-None-Match: *"),
        ("DELETE", "/users/1", "If-None-Match: *"), ("PUT", "/users/1", "If-None-Match: \"x\""),
        ("PUT", "/users/1", "If-Unmodified-Since: x"), ("GET", "/users/1", "if-unmodified-since: x"),
    ])
    func `what would be passed over is refused`(method: String, target: String, field: String) async throws {
        try await TestServer.run { server throws in
            let answer = try server.call(method, target, ["GET", "DELETE"].contains(method) ? nil : "{}", field)
            #expect(answer.problemCode == "invalid_parameter")
            #expect(answer.body.contains("is not served here"))
        }
    }

    @Test func `If-None-Match and If-Match on one PUT contradict each other`() async throws {
        try await TestServer.run { server throws in
            let answer = try server.call("PUT", "/pages/a", #"{"title":"A"}"#, "If-Match: *", "If-None-Match: *")
            #expect(answer.problemCode == "invalid_parameter")
        }
    }

    @Test(arguments: [
        ("GET", "/users", "Idempotency-Key:"), ("GET", "/users/1", "Idempotency-Key: é"),
        ("GET", "/users/1", "If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT"),
        ("HEAD", "/users/1", "If-Modified-Since: x"),
        ("GET", "/health/live", "If-Match: x"), ("GET", "/openapi.json", "If-None-Match: x"),
        ("OPTIONS", "/users/1", "If-Match: x"), ("OPTIONS", "/batch", "If-Unmodified-Since: x"),
        ("DELETE", "/users/1", "If-Modified-Since: x"),
    ])
    func `what has no meaning is no mistake`(method: String, target: String, field: String) async throws {
        try await TestServer.run { server throws in
            _ = try server.call("POST", "/users", Requests.ada)
            #expect((200...204).contains(try server.call(method, target, nil, field).status))
        }
    }

    @Test func `a list of tags is as long as a request may be`() async throws {
        try await TestServer.run { server throws in
            let tag = try #require(try server.call("POST", "/users", Requests.ada)["ETag"])
            let line = (0..<440).map { "\"\($0 + 100)-00000000\"" }.joined(separator: ",")
            let lines = Array(repeating: "If-Match: \(line)", count: 3)
            #expect(try server.answer(to: Requests.bare("DELETE", "/users/1", lines)).status == 412)
            #expect(
                try server.answer(to: Requests.bare("DELETE", "/users/1", lines + ["If-Match: \(tag)"])).status == 204)
        }
    }
}
