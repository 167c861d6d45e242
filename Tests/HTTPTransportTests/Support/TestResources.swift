import MartletModel

/// What the test server has beside users: every type, every access and every kind of key.
enum TestResources {
    static func all() throws(SchemaError) -> [ResourceSchema] {
        [try gadgets(), try pages(), try memos()]
    }

    /// Generated integers as keys, and a field of every type.
    static func gadgets() throws(SchemaError) -> ResourceSchema {
        try ResourceSchema(
            "gadgets",
            [
                FieldSchema("id", .integer, [.key(.generated)]),
                FieldSchema("name", .string, [.length(1...50)]),
                FieldSchema("amount", .integer, isNullable: true, [.range(0...1000)]),
                FieldSchema("ratio", .number, isNullable: true, [.range(.numbers(-1.5...1.5))]),
                FieldSchema("isActive", .boolean, [.default(true)]),
                FieldSchema("madeAt", .timestamp, isNullable: true),
                FieldSchema("day", .date, isNullable: true),
                FieldSchema("token", .uuid, isNullable: true),
                FieldSchema("data", .bytes, isNullable: true, [.length(1...16)]),
                FieldSchema("extra", .json, isNullable: true),
                FieldSchema("color", .enumeration, [.values(["red", "green"]), .default("red")]),
                FieldSchema("shade", .enumeration, isNullable: true, [.values(["dark", "light"])]),
                FieldSchema("code", .string, isNullable: true, [.pattern("^[A-Z]{3}$"), .unique]),
                FieldSchema("secret", .string, [.writeOnly, .length(4...20)]),
                FieldSchema("state", .string, [.readOnly, .default("new")]),
                FieldSchema("owner", .integer, isNullable: true, [.references("users")]),
                FieldSchema("createdAt", .timestamp, [.managed(.createdAt)]),
                FieldSchema("updatedAt", .timestamp, [.managed(.updatedAt)]),
            ])
    }

    /// Texts as keys, which the client assigns: PUT makes records.
    static func pages() throws(SchemaError) -> ResourceSchema {
        try ResourceSchema(
            "pages",
            [
                FieldSchema("slug", .string, [.key(.assigned), .length(1...40)]),
                FieldSchema("title", .string, [.length(1...100)]),
                FieldSchema("views", .integer, [.default(0)]),
                FieldSchema("note", .string, isNullable: true),
                FieldSchema("parent", .string, isNullable: true, [.references("pages")]),
            ])
    }

    /// UUIDs as keys, which the server makes, and no change without a precondition.
    static func memos() throws(SchemaError) -> ResourceSchema {
        try ResourceSchema(
            "memos",
            [
                FieldSchema("id", .uuid, [.key(.generated)]),
                FieldSchema("text", .string, [.length(0...100)]),
            ], requiresPreconditions: true)
    }
}
