import MartletKernel
import MartletModel

/// A table whose records don't fit another version of its schema, and what has to be said of that.
struct MisfittingVersion: Sendable {
    let name: String
    let schemas: @Sendable () throws -> [ResourceSchema]
    /// What the refusal must have in it.
    let parts: [String]

    /// The version that all of them begin with. Its ``records`` are what stands against the others.
    static func before() throws -> [ResourceSchema] {
        try [things([]), ResourceSchema("boxes", [key])]
    }

    static let records: [[String: JSONValue]] = [
        ["name": "one", "size": 1, "tag": "a"], ["name": "two", "size": 20, "tag": "A"], ["name": "three", "size": 30],
    ]

    static let all = [
        MisfittingVersion(
            "a new field without a value",
            { try [things([FieldSchema("weight", .integer)]), ResourceSchema("boxes", [key])] },
            ["things.weight", "3 records", "key 1"]),
        MisfittingVersion(
            "null, where it must not be",
            { try [things([], tag: FieldSchema("tag", .string)), ResourceSchema("boxes", [key])] },
            ["things.tag", "1 record", "key 3"]),
        MisfittingVersion(
            "a number out of its range",
            {
                try [things([], size: FieldSchema("size", .integer, [.range(0...10)])), ResourceSchema("boxes", [key])]
            },
            ["things.size", "2 records", "key 2"]),
        MisfittingVersion(
            "a string that is too long",
            { try [things([], name: FieldSchema("name", .string, [.length(1...3)])), ResourceSchema("boxes", [key])] },
            ["things.name", "1 record", "key 3"]),
        MisfittingVersion(
            "a string that is none of an enumeration",
            {
                let name = try FieldSchema("name", .enumeration, [.values(["one", "three"])])
                return try [things([], name: name), ResourceSchema("boxes", [key])]
            }, ["things.name", "1 record", "key 2"]),
        MisfittingVersion(
            "values that are the same, but for their case",
            {
                let tag = try FieldSchema("tag", .string, isNullable: true, [.unique(ignoringCase: true)])
                return try [things([], tag: tag), ResourceSchema("boxes", [key])]
            }, ["things.tag", "2 records", "key 1"]),
        MisfittingVersion(
            "a new field that would be the same everywhere",
            {
                try [things([FieldSchema("code", .integer, [.default(1), .unique])]), ResourceSchema("boxes", [key])]
            }, ["things.code", "3 records", "key 1"]),
        MisfittingVersion(
            "references to what isn't there",
            {
                let size = try FieldSchema("size", .integer, [.references("boxes")])
                return try [things([], size: size), ResourceSchema("boxes", [key])]
            }, ["things.size", "2 records", "key 2"]),
        MisfittingVersion(
            "references to a resource that is new",
            {
                let size = try FieldSchema("size", .integer, [.references("crates")])
                return try [
                    things([], size: size), ResourceSchema("boxes", [key]), ResourceSchema("crates", [key]),
                ]
            }, ["things.size", "3 records", "key 1"]),
        MisfittingVersion(
            "a key of another type",
            {
                let fields = try [
                    FieldSchema("id", .uuid, [.key(.generated)]), FieldSchema("name", .string),
                    FieldSchema("size", .integer), FieldSchema("tag", .string, isNullable: true),
                ]
                return try [ResourceSchema("things", fields), ResourceSchema("boxes", [key])]
            }, ["things.id", "3 records"]),
        MisfittingVersion(
            "another field as the key",
            {
                let fields = try [
                    FieldSchema("id", .integer), FieldSchema("name", .string, [.key(.assigned), .length(1...9)]),
                    FieldSchema("size", .integer), FieldSchema("tag", .string, isNullable: true),
                ]
                return try [ResourceSchema("things", fields), ResourceSchema("boxes", [key])]
            }, ["things.name", "3 records"]),
    ]

    private init(_ name: String, _ schemas: @escaping @Sendable () throws -> [ResourceSchema], _ parts: [String]) {
        (self.name, self.schemas, self.parts) = (name, schemas, parts)
    }

    static var key: FieldSchema {
        get throws { try FieldSchema("id", .integer, [.key(.generated)]) }
    }

    static func things(
        _ further: [FieldSchema], name: FieldSchema? = nil, size: FieldSchema? = nil, tag: FieldSchema? = nil
    ) throws -> ResourceSchema {
        let fields = try [
            key, name ?? FieldSchema("name", .string), size ?? FieldSchema("size", .integer),
            tag ?? FieldSchema("tag", .string, isNullable: true),
        ]
        return try ResourceSchema("things", fields + further)
    }
}
