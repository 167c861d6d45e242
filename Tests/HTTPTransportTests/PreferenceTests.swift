import MartletModel
import Testing

@testable import HTTPTransport

/// What a write answers, by what the client prefers (RFC 7240).
struct PreferenceTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let method: String
        let target: String
        var body: String?
        /// Without a preference or with `return=representation`, and with `return=minimal`.
        let status: (Int, Int)
        /// Whether there is a tag in these two cases.
        let hasTag: (Bool, Bool)
        var place: String?
        var testDescription: String { "\(method) \(target)" }
    }

    static let cases = [
        Case(
            method: "POST", target: "/users", body: #"{"name":"B","email":"b@c"}"#, status: (201, 201),
            hasTag: (true, true), place: "Location: /users/2"),
        Case(
            method: "POST", target: "/users", body: #"[{"name":"B","email":"b@c"}]"#, status: (201, 201),
            hasTag: (false, false)),
        Case(
            method: "PUT", target: "/users/1", body: #"{"name":"B","email":"c@d"}"#, status: (200, 204),
            hasTag: (true, false), place: "Content-Location: /users/1"),
        Case(
            method: "PUT", target: "/pages/a", body: #"{"title":"A"}"#, status: (201, 201), hasTag: (true, false),
            place: "Location: /pages/a"),
        Case(method: "PATCH", target: "/users/1", body: #"{"name":"B"}"#, status: (200, 204), hasTag: (true, true)),
        Case(method: "DELETE", target: "/users/1", status: (204, 204), hasTag: (false, false)),
    ]

    @Test(arguments: cases, [nil, .minimal, .representation] as [Preference?])
    func `a write answers what is preferred, and says so`(_ test: Case, preference: Preference?) async throws {
        try await TestServer.run { server throws in
            _ = try server.call("POST", "/users", Requests.ada)
            let field = preference.map { "Prefer: \($0.applied)" } ?? "Prefer: handling=strict"
            let answer = try server.call(test.method, test.target, test.body, field)
            let isDeleted = test.method == "DELETE"
            let isMinimal = preference == .minimal || (isDeleted && preference == nil)
            #expect(answer["Preference-Applied"] == preference?.applied)
            #expect(answer.body.isEmpty == isMinimal)
            #expect((answer["Content-Type"] == nil) == isMinimal)
            let status = isMinimal ? test.status.1 : isDeleted ? 200 : test.status.0
            #expect(answer.status == status)
            #expect(answer["Content-Length"] == (status == 204 ? nil : "\(answer.body.utf8.count)"))
            #expect((answer["ETag"] != nil) == (isMinimal ? test.hasTag.1 : test.hasTag.0))
            let places = answer.fields.filter { $0.name.hasSuffix("Location") }.map { "\($0.name): \($0.value)" }
            #expect(places == [test.place].compactMap { $0 })
            if isDeleted, !isMinimal { #expect(answer.body == #"{"id":1,"name":"Ada","email":"ada@example.org"}"#) }
        }
    }

    @Test(arguments: [nil, .minimal, .representation] as [Preference?])
    func `a batch's operations are answered as requests of their own`(preference: Preference?) async throws {
        try await TestServer.run { server throws in
            _ = try server.call("POST", "/users", Requests.ada)
            let operations = Self.cases.filter { $0.body?.hasPrefix("[") != true }.map { test in
                let body = test.body.map { #","body":\#($0)"# } ?? ""
                return #"{"method":"\#(test.method)","path":"\#(test.target)"\#(body)}"#
            }
            let body = #"{"operations":[\#(operations.joined(separator: ","))]}"#
            let field = preference.map { "Prefer: \($0.applied)" } ?? "Prefer: x"
            let answer = try server.call("POST", "/batch", body, field)
            #expect(answer.status == 200 && answer["Preference-Applied"] == preference?.applied)
            let results = try #require(answer.json?["results"]?.array)
            for (test, result) in zip(Self.cases.filter { $0.body?.hasPrefix("[") != true }, results) {
                let isDeleted = test.method == "DELETE"
                let isMinimal = preference == .minimal || (isDeleted && preference == nil)
                #expect(result["status"]?.integer == (isMinimal ? test.status.1 : isDeleted ? 200 : test.status.0))
                #expect((result["body"] == nil) == isMinimal)
                let headers = try #require(result["headers"])
                #expect((headers["ETag"] != nil) == (isMinimal ? test.hasTag.1 : test.hasTag.0))
                let place = test.place?.split(separator: ": ").map(String.init)
                if let place { #expect(headers[place[0]]?.string == place[1]) }
            }
        }
    }

    @Test func `a preference changes no refusal`() async throws {
        try await TestServer.run { server throws in
            let answer = try server.call("POST", "/users", "{}", "Prefer: return=minimal")
            #expect(answer.problemCode == "validation_failed" && answer["Preference-Applied"] == nil)
            let read = try server.call("GET", "/users", nil, "Prefer: return=minimal")
            #expect(read.body == "[]" && read["Preference-Applied"] == nil)
        }
    }
}
