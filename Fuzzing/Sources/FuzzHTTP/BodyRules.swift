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
        let expanded = Answer(connection.send(get("/random?expand=o,p.o")))
        Fuzzer.expect(expanded.isWhole && expanded.status == 200, "references are expanded: \(expanded)")
        _ = connection.finish()
    }

    private static func checkMalformed(_ body: [UInt8]) {
        body.withUnsafeBytes { text in
            Fuzzer.expect(TestConnection.batch(text) == nil, "what is no JSON is refused as a batch")
        }
    }

    /// All pages of a list together have every record once.
    private static func checkList(of schema: ResourceSchema, _ connection: TestConnection) {
        var (target, keys, total, pages) = (Optional("/\(schema.name)?count=true"), Set<Key>(), 0, 0)
        while let path = target, pages < 20 {
            let answer = Answer(connection.send(get(path)))
            Fuzzer.expect(answer.isWhole && answer.status == 200, "\(path) can be read: \(answer)")
            let rows = answer.body.withUnsafeBytes { try? schema.readRecords(json: $0) }
            guard let rows else { return Fuzzer.expect(false, "\(path) has records: \(answer)") }
            for row in 0..<rows.count {
                let isNew = schema.key(ofRow: row, in: rows).map { keys.insert($0).inserted } ?? false
                Fuzzer.expect(isNew, "each record is on one page: \(answer)")
            }
            total += rows.count
            (target, pages) = (answer.next, pages + 1)
            let isComplete = target != nil || answer.field("X-Total-Count") == "\(total)"
            Fuzzer.expect(isComplete, "\(total) records are on \(pages) pages, and all there are: \(answer)")
        }
    }

    private static func get(_ target: String) -> [UInt8] {
        Array("GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
    }
}
