import FuzzSupport

@testable import MartletModel

/// The input as the body of every kind of write, and what is then there.
enum BodyRules {
    private static let writes = [
        ("POST", "/batch"), ("POST", "/loose"), ("POST", "/random"), ("POST", "/strict"), ("PUT", "/strict/k"),
        ("PATCH", "/strict/k"), ("PUT", "/loose/1"), ("PATCH", "/loose/2"),
    ]

    static func check(_ body: [UInt8]) {
        let tree = body.withUnsafeBytes { try? JSONValue(json: $0) }
        // What is no JSON needs one answer, not eight.
        guard let tree else { return checkMalformed(body) }
        _ = body.withUnsafeBytes { TestConnection.batch($0) }
        let connection = TestConnection()
        for (method, path) in writes {
            let answer = Answer(connection.send(TestConnection.request(method, path, body)))
            Fuzzer.expect(answer.isWhole, "\(method) \(path) has one whole answer: \(answer)")
            Fuzzer.expect(answer.status < 500, "\(method) \(path) with \(tree) is a client's mistake: \(answer)")
        }
        for schema in Schemas.all { checkList(of: schema, connection) }
        _ = connection.finish()
    }

    private static func checkMalformed(_ body: [UInt8]) {
        body.withUnsafeBytes { text in
            Fuzzer.expect(TestConnection.batch(text) == nil, "what is no JSON is refused as a batch")
        }
    }

    private static func checkList(of schema: ResourceSchema, _ connection: TestConnection) {
        let answer = Answer(connection.send("GET /\(schema.name) HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
        let isRead = answer.body.withUnsafeBytes { (try? schema.readRecords(json: $0)) != nil }
        Fuzzer.expect(answer.isWhole && answer.status == 200 && isRead, "\(schema.name) can be read: \(answer)")
    }
}
