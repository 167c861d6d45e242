import MartletClient
import MartletModel
import MartletTesting
import Testing

/// A resource of every type over the wire: what goes in comes out, and what came out goes in again.
@Suite struct EveryTypeTests {
    private static let resource = """
        fields:
          id: { type: integer, key: generated }
          count: { type: integer, nullable: true }
          weight: { type: number, nullable: true }
          name: { type: string, nullable: true }
          isOpen: { type: boolean, nullable: true }
          at: { type: timestamp, nullable: true }
          day: { type: date, nullable: true }
          token: { type: uuid, nullable: true }
          data: { type: bytes, nullable: true }
          extra: { type: json, nullable: true }
          status: { values: [open, done, "in progress"], nullable: true }
          createdAt: { managed: createdAt }
          updatedAt: { managed: updatedAt }
        """

    /// A value as it is sent, and as it comes back where that is another text.
    private static let extremes: [(field: String, sent: String, shown: String?)] = [
        ("count", "-9223372036854775808", nil), ("count", "9223372036854775807", nil), ("count", "1e2", "100"),
        ("weight", "1.7976931348623157e308", "1.7976931348623157e+308"), ("weight", "5e-324", nil),
        ("weight", "-0.0", "0.0"), ("weight", "0.1", nil), ("weight", "3", "3.0"),
        ("weight", "0.30000000000000004", nil), ("weight", "-1.7976931348623157e+308", nil),
        ("name", #""""#, nil), ("name", #""é e\u0301 \u0001 \"\\\/ 𝄞""#, #""é é \u0001 \"\\/ 𝄞""#),
        ("isOpen", "true", nil), ("isOpen", "false", nil),
        ("at", #""0001-01-01T00:00:00Z""#, #""0001-01-01T00:00:00.000000Z""#),
        ("at", #""9999-12-31t23:59:59.999999z""#, #""9999-12-31T23:59:59.999999Z""#),
        ("at", #""2026-07-01T02:30:00.5+05:30""#, #""2026-06-30T21:00:00.500000Z""#),
        ("day", #""0001-01-01""#, nil), ("day", #""9999-12-31""#, nil), ("day", #""2024-02-29""#, nil),
        ("token", #""FFFFFFFF-ffff-FFFF-ffff-FFFFFFFFFFFF""#, #""ffffffff-ffff-ffff-ffff-ffffffffffff""#),
        ("token", #""00000000-0000-0000-0000-000000000000""#, nil),
        ("data", #""""#, nil), ("data", #""AAECAwQF+/8=""#, nil),
        (
            "extra", #"{"b":[1,2.50,"x",null],"a":{"z":true,"y":1e400}}"#,
            #"{"a":{"y":1e400,"z":true},"b":[1,2.50,"x",null]}"#
        ),
        ("extra", "[]", nil), ("extra", #""text""#, nil), ("extra", "false", nil),
        ("status", #""in progress""#, nil),
    ]

    @Test(arguments: LiveServer.Configuration.all)
    func `every type's extremes come back as they went in, and can be put back`(
        _ backend: LiveServer.Configuration
    ) async throws {
        let server = try await LiveServer(configuration: backend.serving(["things": Self.resource]))
        let client = try MartletClient(server.url)
        for (field, sent, shown) in Self.extremes {
            let created = try await client.send(.json(.post, "/things", "{\"\(field)\":\(sent)}"))
            try #require(created.status == 201, "\(field) \(sent): \(created.text)")
            #expect(created.text.contains("\"\(field)\":\(shown ?? sent)"), "\(field) \(sent)")
            let path = try #require(created.headers["Location"])
            let read = try await client.send(ClientRequest(.get, path))
            #expect(read.text == created.text)
            #expect(read.headers["ETag"] == created.headers["ETag"])
            // What came back is a whole record; nothing of it changes.
            let replaced = try await client.send(.json(.put, path, read.text))
            #expect(replaced.status == 200, "\(replaced.text)")
            #expect(replaced.text == read.text)
            #expect(replaced.headers["ETag"] == read.headers["ETag"])
            let cleared = try await client.send(.json(.patch, path, "{\"\(field)\":null}"))
            #expect(cleared.text.contains("\"\(field)\":null"))
            #expect(cleared.headers["ETag"] != read.headers["ETag"])
        }
    }

    @Test(arguments: LiveServer.Configuration.all)
    func `every mistake has its own code`(_ backend: LiveServer.Configuration) async throws {
        let server = try await LiveServer(configuration: backend.serving(["things": Self.resource]))
        let client = try MartletClient(server.url)
        let mistakes = """
            {"count":1.5,"weight":1e400,"name":"\\u0000","isOpen":1,"at":"2026-13-01T00:00:00Z","day":"2023-02-29",
            "token":"x","data":"YQ","status":"lost","createdAt":"2026-01-01T00:00:00Z","other":1}
            """
        let answer = try await client.send(.json(.post, "/things", mistakes))
        #expect(answer.status == 422)
        let problem = try answer.body.withUnsafeBytes { try Problem(json: $0, status: 422) }
        #expect(
            problem.errors.map { "\($0.location) \($0.code.rawValue)" } == [
                ##"pointer("#/count") type"##, ##"pointer("#/weight") range"##, ##"pointer("#/name") characters"##,
                ##"pointer("#/isOpen") type"##, ##"pointer("#/at") type"##, ##"pointer("#/day") type"##,
                ##"pointer("#/token") type"##, ##"pointer("#/data") type"##, ##"pointer("#/status") enum"##,
                ##"pointer("#/createdAt") read_only"##, ##"pointer("#/other") unknown_field"##,
            ])
    }
}
