public import MartletModel

/// The resources that inputs are judged by. Between them they have every type and every constraint.
public enum Schemas {
    /// Every type, and no constraint: `{}` is a record. Names are short, so that a mutation meets them.
    public static let loose = schema("loose") { () throws(SchemaError) in
        [
            try FieldSchema("id", .integer, [.key(.generated)]),
            try FieldSchema("i", .integer, isNullable: true),
            try FieldSchema("x", .number, isNullable: true),
            try FieldSchema("s", .string, isNullable: true),
            try FieldSchema("b", .boolean, isNullable: true),
            try FieldSchema("t", .timestamp, isNullable: true),
            try FieldSchema("d", .date, isNullable: true),
            try FieldSchema("u", .uuid, isNullable: true),
            try FieldSchema("y", .bytes, isNullable: true),
            try FieldSchema("j", .json, isNullable: true),
            try FieldSchema("e", .enumeration, isNullable: true, [.values(["a", "é", "\u{1F41F}"])]),
            try FieldSchema("w", .string, isNullable: true, [.writeOnly]),
            try FieldSchema("r", .integer, [.readOnly, .default(7)]),
            try FieldSchema("c", .timestamp, [.managed(.createdAt)]),
        ]
    }

    /// Required fields, and every constraint that a value can break. Clients name its records.
    public static let strict = schema("strict") { () throws(SchemaError) in
        [
            try FieldSchema("k", .string, [.key(.assigned), .length(1...20)]),
            try FieldSchema("n", .integer, [.range(-10...1000)]),
            try FieldSchema("x", .number, [.range(0.0...1.5), .default(0.5)]),
            try FieldSchema("s", .string, [.length(1...5), .pattern("^[a-zé]+$")]),
            try FieldSchema("m", .string, [.email, .unique(ignoringCase: true), .default("a@b")]),
            try FieldSchema("b", .boolean, [.default(true)]),
            try FieldSchema("t", .timestamp, [.default("2026-07-01T12:00:00Z")]),
            try FieldSchema("y", .bytes, [.length(0...4), .default("")]),
            try FieldSchema("j", .json, [.default(["a": 1])]),
            try FieldSchema("e", .enumeration, [.values(["a", "b"]), .default("a")]),
            try FieldSchema("w", .string, [.writeOnly, .length(2...9)]),
        ]
    }

    /// Keys that the server makes of random bits, and references.
    public static let random = schema("random") { () throws(SchemaError) in
        [
            try FieldSchema("id", .uuid, [.key(.generated)]),
            try FieldSchema("s", .string, [.unique, .default("x")]),
            try FieldSchema("d", .date, isNullable: true, [.indexed]),
            try FieldSchema("o", .integer, isNullable: true, [.references("loose", onDelete: .setNull)]),
            try FieldSchema("p", .uuid, isNullable: true, [.references("random", onDelete: .cascade)]),
        ]
    }

    public static let all = [loose, strict, random]

    private static func schema(
        _ name: String, _ fields: () throws(SchemaError) -> [FieldSchema]
    ) -> ResourceSchema {
        do throws(SchemaError) {
            return try ResourceSchema(name, try fields())
        } catch {
            preconditionFailure("\(name): \(error)")
        }
    }
}
