import MartletKernel
import MartletModel

/// Records of schemas that no type in Swift stands for, by the names of their fields.
extension Subject {
    @discardableResult
    func insert(_ fields: [String: JSONValue], into schema: ResourceSchema) async throws -> Key {
        let result = try await commit(try mutation(fields, schema))
        guard case .committed(let written) = result, let key = schema.key(ofRow: 0, in: written[0].record) else {
            throw violation("the result", "a record of \(schema.name)", result)
        }
        return key
    }

    func mutation(_ fields: [String: JSONValue], _ schema: ResourceSchema) throws -> Mutation {
        var writer = JSONWriter()
        writer.write(.object(fields.map { JSONValue.Member($0.key, $0.value) }))
        let row = try writer.withBytes { bytes in Result { try ValidatedRow(json: bytes, schema, for: .create) } }.get()
        return Mutation(schema, .insert(row))
    }

    /// All of them, in the order of their keys.
    func fields(of schema: ResourceSchema) async throws -> [[String: JSONValue]] {
        let rows = try await storage.rows(for: Query(schema, .page(after: nil, limit: 1000)), .test)
        return try (0..<rows.count).map { row in
            var writer = JSONWriter()
            writer.write(row: row, of: rows, schema)
            let value = try writer.withBytes { bytes in Result { try JSONValue(json: bytes) } }.get()
            return Dictionary((value.members ?? []).map { ($0.name, $0.value) }) { first, _ in first }
        }
    }

    func versions(of schema: ResourceSchema) async throws -> [Int64] {
        let list = Query.List(order: schema.totalOrder([]), limit: 1000)
        return try await storage.rows(for: Query(schema, .list(list)), .test).versions
    }
}
