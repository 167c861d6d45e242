import MartletModel
import MartletTesting
import Testing

@testable import HTTPTransport

/// Queries that nobody would write.
struct RandomListTests {
    private static let names = [
        "limit", "cursor", "sort", "fields", "expand", "count", "or", "id", "name", "amount", "ratio", "isActive",
        "madeAt",
        "day", "token", "data", "extra", "color", "shade", "code", "secret", "owner", "createdAt", "_version", "nope",
        "",
    ]
    private static let values = [
        "1", "0", "-1", "1000", "2", "true", "false", "a", "b,B", "a*", "*", "\\", "\\,", "\\*", "2026-01-01", "id",
        "-name",
        "id,name", "owner", "owner.owner", "2026-01-01T00:00:00Z", "00000000-0000-4000-8000-000000000001", "AQ==",
        "red", "",
        "(id=1)", "(name.like=a*,amount.lt=5)", "%00", "%FF", "%", "+", "%C3%A9", "\"<>", "{", "9223372036854775808",
        "1e400",
        "*,_version", "_version", "code,-amount", "data,token,day", "%2C", "AgAAAAA", "(", ")", "=", "&", ".", ";",
    ]

    private static func parameter(_ random: inout SplitMix64) -> String {
        let name = names.randomElement(using: &random) ?? ""
        let operation = FilterOperator.allCases.randomElement(using: &random).map { "." + $0.rawValue } ?? ""
        let value = (0..<Int.random(in: 1...2, using: &random)).map { _ in values.randomElement(using: &random) ?? "" }
        return name + (Bool.random(using: &random) ? operation : "") + "=" + value.joined()
    }

    @Test func `a random query is answered, or refused as one`() async throws {
        let seed = TestSeed.forRun(of: "random lists")
        try await TestServer.run { server throws in
            try server.fill()
            var random = SplitMix64(seed: seed)
            var (connection, answered) = (try server.connect(), 0)
            var cursors: [String] = []
            for _ in 0..<4000 {
                var parameters = (0..<Int.random(in: 0...4, using: &random)).map { _ in Self.parameter(&random) }
                if let cursor = cursors.randomElement(using: &random), Int.random(in: 0..<8, using: &random) == 0 {
                    parameters.append("cursor=\(cursor)")
                }
                let target = "/gadgets?" + parameters.joined(separator: "&")
                try connection.send(Requests.get(target))
                let answer = try connection.answer()
                #expect(
                    answer.status == 200 || answer.status == 400 && answer.problemCode == "invalid_parameter",
                    "seed \(seed): \(target) \(answer.body)")
                #expect(!answer.body.contains("hidden"), "seed \(seed): \(target)")
                if answer["Connection"] != nil { connection = try server.connect() }
                guard answer.status == 200 else { continue }
                answered += 1
                if let next = answer.next {
                    try connection.send(Requests.get(next))
                    #expect(try connection.answer().status == 200, "seed \(seed): \(next)")
                    cursors.append(next.split(separator: "cursor=").last.map(String.init) ?? "")
                }
            }
            #expect(answered > 200, "seed \(seed)")
        }
    }
}
