import MartletModel
import Testing

@testable import HTTPTransport

/// All that stands against a write is told at once.
struct RefusedWriteTests {
    private static let ada = #"{"name":"A","email":"a@x"}"#

    @Test func `every record of an array whose value is taken is told`() async throws {
        try await TestServer.run { server throws in
            let taken = #"[{"name":"A","email":"a@x"},{"name":"B","email":"b@x"}]"#
            #expect(try server.call("POST", "/users", taken).status == 201)
            let answer = try server.call(
                "POST", "/users",
                #"[{"name":"1","email":"A@x"},{"name":"2","email":"c@x"},{"name":"3","email":"b@x"},"#
                    + #"{"name":"4","email":"C@x"}]"#)
            #expect(answer.status == 409 && answer.problemCode == "unique_taken")
            #expect(answer.errors == ["#/0/email unique", "#/2/email unique", "#/3/email unique"])
            #expect(try server.call("GET", "/users").json?.array?.count == 2)
        }
    }

    @Test func `the first class of refusals is told whole: 422, 404, 412, 409`() async throws {
        try await TestServer.run { server throws in
            #expect(try server.call("POST", "/users", Self.ada).status == 201)
            let conflict = Self.o("POST", "/users", Self.ada)
            let stale = Self.o("PATCH", "/users/1", #"{"name":"B"}"#, ifMatch: "\"9-00000000\"")
            let missing = [Self.o("DELETE", "/users/8"), Self.o("PATCH", "/users/9", "{}")]
            let dangling = Self.o("POST", "/gadgets", #"{"name":"G","secret":"1234","owner":7}"#)
            func errors(_ operations: [String], _ status: Int) throws -> [String] {
                let answer = try server.call("POST", "/batch", BatchTests.batch(operations))
                #expect(answer.status == status)
                return answer.errors
            }
            #expect(
                try errors([conflict, stale] + missing + [dangling, dangling], 422) == [
                    "#/operations/4/body/owner reference", "#/operations/5/body/owner reference",
                ])
            #expect(
                try errors([conflict, stale] + missing, 404) == [
                    "#/operations/2/path not_found", "#/operations/3/path not_found",
                ])
            #expect(
                try errors([conflict, stale, stale], 412) == [
                    "#/operations/1/ifMatch precondition_failed", "#/operations/2/ifMatch precondition_failed",
                ])
            #expect(
                try errors([conflict, conflict], 409) == [
                    "#/operations/0/body/email unique", "#/operations/1/body/email unique",
                ])
            let memo = Self.o("DELETE", "/memos/0198c5a4-7d0e-7000-8000-000000000000")
            #expect(
                try errors([memo, memo], 428) == [
                    "#/operations/0/ifMatch operation", "#/operations/1/ifMatch operation",
                ])
        }
    }

    @Test func `a misshapen operation hides no other's errors`() async throws {
        try await TestServer.run { server throws in
            let answer = try server.call(
                "POST", "/batch",
                BatchTests.batch(
                    "7", #"{"method":"POST","path":"/users","body":{"name":"A","email":"e"},"zz":1}"#,
                    #"{"method":"POST","body":{}}"#, Self.o("POST", "/users", #"{"name":"A","email":"e"}"#)))
            #expect(answer.status == 422)
            #expect(
                answer.errors == [
                    "#/operations/0 type", "#/operations/1/zz unknown_field", "#/operations/1/body/email format",
                    "#/operations/2/path required", "#/operations/3/body/email format",
                ])
        }
    }

    @Test func `a hundred errors are listed, and it is said when there are more`() async throws {
        try await TestServer.run { server throws in
            let records = "[" + (0..<150).map { _ in #"{"name":"A","email":"e"}"# }.joined(separator: ",") + "]"
            let answer = try server.call("POST", "/users", records)
            #expect(answer.errors.count == 100)
            #expect(answer.body.contains("More than 100 fields are not valid. The first 100 errors are listed."))
            #expect(try server.call("POST", "/users", Self.ada).status == 201)
            for (count, isMore) in [(149, true), (101, true), (100, false)] {
                let taken = "[" + Array(repeating: Self.ada, count: count).joined(separator: ",") + "]"
                let answer = try server.call("POST", "/users", taken)
                #expect(answer.status == 409 && answer.errors.count == 100)
                #expect(answer.body.contains("same values. The first 100 errors are listed.") == isMore)
            }
            for (count, isMore) in [(21, true), (20, false)] {
                let query = (0..<count).map { "x\($0)=1" }.joined(separator: "&")
                for path in ["/users", "/users/1"] {
                    let answer = try server.call("GET", "\(path)?\(query)")
                    #expect(answer.status == 400 && answer.errors.count == 20)
                    #expect(answer.body.contains("are not valid. The first 20 errors are listed.") == isMore)
                }
            }
        }
    }

    @Test func `an operation is named with which the copies of a value are too many`() async throws {
        try await TestServer.run { server throws in
            let text = String(repeating: "x", count: 950_000)
            let copy = Self.o("PUT", "/pages/b", #"{"title":"b","note":{"$ref":"0/note"}}"#)
            let operations = [Self.o("PUT", "/pages/a", #"{"title":"a","note":"\#(text)"}"#)]
            let answer = try server.call(
                "POST", "/batch", BatchTests.batch(operations + Array(repeating: copy, count: 40)))
            #expect(answer.status == 422 && answer.errors == ["#/operations/17 length"])
            #expect(answer.body.contains("16777216 bytes"))
            #expect(try server.call("GET", "/pages/a").status == 404)
        }
    }

    @Test(arguments: [#"W/TAG"#, #""x", W/TAG"#])
    func `a weak ETag is told as such`(value: String) async throws {
        try await TestServer.run { server throws in
            let tag = try #require(try server.call("POST", "/users", Self.ada)["ETag"])
            let value = value.replacing("TAG", with: tag)
            for (method, body) in [("PATCH", #"{"name":"B"}"#), ("DELETE", nil), ("GET", nil)] {
                let answer = try server.call(method, "/users/1", body, "If-Match: \(value)")
                #expect(answer.status == 412)
                #expect(answer.body.contains("A weak ETag, W/") && answer.body.contains("proxy"))
            }
            let batch = BatchTests.batch(Self.o("PATCH", "/users/1", #"{"name":"B"}"#, ifMatch: value))
            let answer = try server.call("POST", "/batch", batch)
            #expect(answer.status == 412 && answer.body.contains("is a weak ETag, W/"))
        }
    }

    @Test(arguments: ["-gzip", "--gzip", ";gzip", "-br", "+gzip"])
    func `an ETag to which a proxy has appended is told as such`(suffix: String) async throws {
        try await TestServer.run { server throws in
            let tag = try #require(try server.call("POST", "/users", Self.ada)["ETag"])
            let value = "\"0-\", \(tag.dropLast())\(suffix)\""
            for (method, body) in [("PATCH", #"{"name":"B"}"#), ("DELETE", nil), ("GET", nil)] {
                let answer = try server.call(method, "/users/1", body, "If-Match: \(value)")
                #expect(answer.status == 412)
                #expect(answer.body.contains("An ETag with an ending, such as -gzip") && answer.body.contains("proxy"))
            }
            let batch = BatchTests.batch(Self.o("PATCH", "/users/1", #"{"name":"B"}"#, ifMatch: value))
            let answer = try server.call("POST", "/batch", batch)
            #expect(answer.status == 412 && answer.body.contains("is an ETag with an ending"))
        }
    }

    @Test func `header fields and parameters that are not valid are told at once`() async throws {
        try await TestServer.run { server throws in
            let answer = try server.call(
                "PATCH", "/users/1?x=1", "{}", "If-Match: x", "If-None-Match: x", "Idempotency-Key: é")
            #expect(answer.status == 400 && answer.errors == ["x unknown_parameter"])
            for words in [
                "The header field If-Match must be", "If-None-Match is not served here.",
                "Idempotency-Key must be 1 to 255 printable ASCII characters, in quotes or without.",
            ] {
                #expect(answer.body.contains(words))
            }
            let expanded = try server.call("GET", "/pages/a?expand=zz,yy", nil, "If-Match: x")
            #expect(expanded.body.contains("If-Match is not served with expand"))
            #expect(expanded.errors == ["expand invalid_parameter", "expand invalid_parameter"])
        }
    }

    @Test(
        arguments: [
            ([0xFF, 0xFE, 0x7B, 0], "UTF-16"), ([0xFE, 0xFF, 0, 0x7B], "UTF-16"), ([0x7B, 0, 0x7D, 0], "UTF-16"),
            ([0, 0x7B, 0, 0x7D], "UTF-16"), ([0xFF, 0xFE, 0, 0], "UTF-32"), ([0, 0, 0xFE, 0xFF], "UTF-32"),
            ([0x7B, 0, 0, 0], "UTF-32"), ([0, 0, 0, 0x7B], "UTF-32"), ([0x1F, 0x8B, 8, 0], "compressed (gzip)"),
            ([0xEF, 0xBB, 0xBF, 0x7B], "byte order mark"), ([0x7B, 0x7D, 0, 0], "unexpected text"),
        ] as [([UInt8], String)])
    func `a body in another encoding is told which it is in`(bytes: [UInt8], encoding: String) throws {
        let schema = ListQuery.users
        let error = #expect(throws: Problem.self) {
            try bytes.withUnsafeBytes { _ = try NewRecords(json: $0, schema) }
        }
        #expect(error?.code == .malformedJSON && error?.detail.contains(encoding) == true, "\(error?.detail ?? "")")
    }

    @Test func `a Content-Encoding is named`() async throws {
        try await TestServer.run { server throws in
            let answer = try server.call("POST", "/users", "{}", "Content-Encoding: gzip")
            #expect(answer.status == 415 && answer.body.contains(#"it is \"gzip\""#))
        }
    }

    @Test func `a record nests 32 levels on every route, and a deeper one is told so`() async throws {
        try await TestServer.run { server throws in
            func value(_ levels: Int) -> String {
                String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
            }
            func answers(_ levels: Int) throws -> [RawAnswer] {
                let body = #"{"name":"x","secret":"abcd","extra":\#(value(levels))}"#
                return [
                    try server.call("POST", "/gadgets", body), try server.call("POST", "/gadgets", "[\(body)]"),
                    try server.call("PATCH", "/gadgets/1", body),
                    try server.call("POST", "/batch", BatchTests.batch(Self.o("POST", "/gadgets", body))),
                ]
            }
            #expect(try answers(31).map(\.status) == [201, 201, 200, 200])
            for answer in try answers(32) {
                #expect(answer.status == 400 && answer.body.contains("deeper than 31 levels in a field, or 35 levels"))
            }
        }
    }

    @Test(arguments: [
        ("title=ä", "percent-encode"), ("title=a#b", "%23"), ("title=a b", "%20"), ("title=100%", "%25"),
        ("sort=+slug", "a + in a query is a space"), ("fields=slug,+title", "a + in a query is a space"),
        ("limit=+5", "a + in a query is a space"),
    ])
    func `a character that a query can't hold as it is is told with how to write it`(query: String, hint: String)
        async throws
    {
        try await TestServer.run { server throws in
            let answers = try server.answers(to: "GET /pages?\(query) HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(answers.map(\.status) == [400] && answers[0].body.contains(hint), "\(answers.map(\.body))")
        }
    }

    @Test func `each failed precondition has words of its own`() async throws {
        try await TestServer.run { server throws in
            #expect(try server.call("PUT", "/pages/a", #"{"title":"A"}"#).status == 201)
            let page = #"{"title":"B"}"#
            let stale = #"If-Match: "9-00000000""#
            for (method, path, field, words) in [
                ("PUT", "/pages/a", "If-None-Match: *", "is there already"),
                ("PUT", "/pages/b", "If-Match: *", "No record has this key"),
                ("PUT", "/pages/b", stale, "is not there any more"), ("PUT", "/pages/a", stale, "has changed since"),
                ("PATCH", "/pages/a", stale, "has changed since: read it again"),
            ] {
                let answer = try server.call(method, path, page, field)
                #expect(answer.status == 412 && answer.body.contains(words))
            }
            for (method, field) in [("PUT", "If-Match: 3"), ("GET", "If-None-Match: 3")] {
                let answer = try server.call(method, "/pages/a", method == "PUT" ? page : nil, field)
                #expect(answer.status == 400 && answer.body.contains("must be * or ETags with their quotes"))
            }
            let batch = BatchTests.batch(Self.o("PATCH", "/pages/a", page, ifMatch: "3"))
            #expect(try server.call("POST", "/batch", batch).body.contains("must be * or ETags with their quotes"))
            let memo = try #require(try server.call("POST", "/memos", #"{"text":"a"}"#)["Location"])
            let answer = try server.call("PATCH", memo, "{}")
            #expect(answer.status == 428)
            #expect(answer.body.contains("If-Match with the ETag from GET, or _version in the body"))
        }
    }

    private static func o(_ method: String, _ path: String, _ body: String? = nil, ifMatch: String? = nil) -> String {
        BatchTests.operation(method, path, body, ifMatch: ifMatch)
    }
}
