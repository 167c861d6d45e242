import MartletModel

/// A set of schemas through its versions, and what becomes of a record from one to the next. No step loses anything.
struct Evolution: Sendable {
    /// One version of it.
    struct Version: Sendable {
        let schemas: @Sendable () throws -> [ResourceSchema]
        /// New records by their resources, in an order in which they can be made.
        let records: [Record]
        /// What this version makes of the fields of a record of the one before it.
        let change: @Sendable (_ resource: String, _ fields: inout [String: JSONValue]) -> Void
    }

    /// A record as a client sends it.
    struct Record: Sendable {
        let resource: String
        let fields: [String: JSONValue]

        init(_ resource: String, _ fields: [String: JSONValue]) {
            (self.resource, self.fields) = (resource, fields)
        }
    }

    /// Pairs of versions, from an earlier one to a later one.
    static let pairs = versions.indices.flatMap { old in versions.indices.filter { $0 > old }.map { (old, $0) } }

    /// What a field holds whose value is the time of a migration or of an insertion.
    static let someTime: JSONValue = "some time"

    static let versions = [
        Version(
            schemas: {
                let members = try member([
                    FieldSchema("nick", .string, [.unique]),
                    FieldSchema("team", .integer, isNullable: true, [.references("teams", onDelete: .setNull)]),
                    FieldSchema("level", .integer, [.range(0...10)]),
                    FieldSchema("status", .enumeration, [.values(["open", "done"])]),
                    FieldSchema("note", .string, isNullable: true),
                ])
                return [members, try team([])]
            },
            records: [
                Record("teams", ["name": "red"]), Record("teams", ["name": "blue"]),
                Record(
                    "members",
                    ["name": "Ada", "nick": "ada", "team": 1, "level": 3, "status": "open", "note": "it's \"so\""]),
                Record("members", ["name": "Bob", "nick": "bob", "level": 0, "status": "done"]),
            ], change: { _, _ in }),
        // Columns and an index are added.
        Version(
            schemas: {
                let members = try member([
                    FieldSchema("nick", .string, [.unique]),
                    FieldSchema("team", .integer, isNullable: true, [.references("teams", onDelete: .setNull)]),
                    FieldSchema("level", .integer, [.range(0...10), .indexed]),
                    FieldSchema("status", .enumeration, [.values(["open", "done"])]),
                    FieldSchema("note", .string, isNullable: true), FieldSchema("age", .integer, [.default(7)]),
                    FieldSchema("city", .string, isNullable: true, [.length(1...80)]),
                    FieldSchema("createdAt", .timestamp, [.managed(.createdAt)]),
                ])
                return [members, try team([FieldSchema("isOpen", .boolean, [.default(.bool(true))])])]
            },
            records: [
                Record("teams", ["name": "green", "isOpen": false]),
                Record("members", ["name": "Cyd", "nick": "cyd", "level": 10, "status": "open", "age": 1, "team": 1]),
            ],
            change: { resource, fields in
                let new: [String: JSONValue] =
                    resource == "teams" ? ["isOpen": true] : ["age": 7, "city": .null, "createdAt": someTime]
                fields.merge(new) { _, new in new }
            }),
        // A field is renamed and unique in another way; constraints are relaxed; a reference cascades.
        Version(
            schemas: {
                let members = try member(
                    [
                        FieldSchema("handle", .string, [.unique(ignoringCase: true), .renamedFrom("nick")]),
                        FieldSchema("team", .integer, isNullable: true, [.references("teams", onDelete: .cascade)]),
                        FieldSchema("level", .integer, [.range(0...100), .indexed]),
                        FieldSchema("status", .enumeration, [.values(["open", "done", "lost"])]),
                        FieldSchema("note", .string, isNullable: true), FieldSchema("age", .integer, [.default(7)]),
                        FieldSchema("city", .string, isNullable: true), createdAt,
                    ], name: FieldSchema("name", .string, isNullable: true, [.length(1...200)]))
                return [members, try team([FieldSchema("isOpen", .boolean, [.default(.bool(true))])])]
            },
            records: [
                Record("members", ["name": "Dan", "handle": "Dan", "level": 100, "status": "lost", "team": 2])
            ],
            change: { resource, fields in
                if resource == "members" { fields["handle"] = fields.removeValue(forKey: "nick") }
            }),
        // An enumeration becomes a string; a table is added; an index goes, another comes; a reference goes.
        Version(
            schemas: {
                let members = try member(
                    [
                        FieldSchema("handle", .string, [.indexed, .renamedFrom("nick")]),
                        FieldSchema("team", .integer, isNullable: true),
                        FieldSchema("level", .integer), FieldSchema("status", .string),
                        FieldSchema("note", .string, isNullable: true), FieldSchema("age", .integer, [.default(7)]),
                        FieldSchema("city", .string, isNullable: true), createdAt,
                    ], indexes: [["name", "team"]])
                return [members, try badge(), try team([FieldSchema("isOpen", .boolean, [.default(.bool(true))])])]
            },
            records: [
                Record("members", ["name": "Eve", "handle": "eve", "level": -1, "status": "open", "team": 1]),
                Record(
                    "badges",
                    ["id": "00000000-0000-0000-0000-000000000001", "member": 1, "data": "AP8=", "rating": 0.5]
                ),
            ], change: { _, _ in }),
        // A field of each type is added.
        Version(
            schemas: {
                let members = try member(
                    [
                        FieldSchema("handle", .string, [.indexed, .renamedFrom("nick")]),
                        FieldSchema("team", .integer, isNullable: true),
                        FieldSchema("level", .integer), FieldSchema("status", .string),
                        FieldSchema("note", .string, isNullable: true), FieldSchema("age", .integer, [.default(7)]),
                        FieldSchema("city", .string, isNullable: true), createdAt,
                    ] + everyType, indexes: [["name", "team"]])
                return [members, try badge(), try team([FieldSchema("isOpen", .boolean, [.default(.bool(true))])])]
            },
            records: [
                Record(
                    "members",
                    ["name": "Fay", "handle": "fay", "level": 5, "status": "done", "age": 3, "day": "2026-07-01"])
            ],
            change: { resource, fields in
                if resource == "members" { fields.merge(everyDefault) { _, new in new } }
            }),
        // Constraints come back and are tightened.
        Version(
            schemas: {
                let members = try member(
                    [
                        FieldSchema("handle", .string, [.unique, .renamedFrom("nick")]),
                        FieldSchema("team", .integer, isNullable: true, [.references("teams")]),
                        FieldSchema("level", .integer, [.range((-1)...200)]),
                        FieldSchema("status", .enumeration, [.values(["lost", "done", "open"])]),
                        FieldSchema("note", .string, isNullable: true, [.length(0...20)]),
                        FieldSchema("age", .integer, [.default(7)]), FieldSchema("city", .string, isNullable: true),
                        createdAt,
                    ] + everyType, unique: [["name", "team"]])
                return [members, try badge(), try team([FieldSchema("isOpen", .boolean, [.default(.bool(true))])])]
            },
            records: [
                Record("members", ["name": "Hal", "handle": "hal", "level": -1, "status": "lost", "flag": true])
            ], change: { _, _ in }),
        // The key is renamed, which others refer to; columns get names of their own.
        Version(
            schemas: {
                let number = try FieldSchema("number", .integer, [.key(.generated), .renamedFrom("id")])
                let members = try member(
                    [
                        FieldSchema("handle", .string, [.unique, .renamedFrom("nick")]),
                        FieldSchema(
                            "team", .integer, isNullable: true,
                            [.references("teams", onDelete: .setNull), .column("t")]),
                        FieldSchema("level", .integer, [.range((-1)...200)]),
                        FieldSchema("status", .enumeration, [.values(["lost", "done", "open"])]),
                        FieldSchema("note", .string, isNullable: true, [.length(0...20)]),
                        FieldSchema("age", .integer, [.default(7)]), FieldSchema("city", .string, isNullable: true),
                        createdAt,
                        FieldSchema("updatedAt", .timestamp, [.managed(.updatedAt)]),
                    ] + everyType, key: number, unique: [["name", "team"]])
                return [members, try badge(), try team([FieldSchema("isOpen", .boolean, [.default(.bool(true))])])]
            },
            records: [
                Record("members", ["name": "Gil", "handle": "gil", "level": 5, "status": "done", "age": 3, "team": 2])
            ],
            change: { resource, fields in
                guard resource == "members" else { return }
                fields["number"] = fields.removeValue(forKey: "id")
                fields["updatedAt"] = someTime
            }),
    ]
}

// MARK: - What the versions have in common

extension Evolution {
    private static var createdAt: FieldSchema {
        get throws { try FieldSchema("createdAt", .timestamp, [.managed(.createdAt)]) }
    }

    private static func member(
        _ fields: [FieldSchema], key: FieldSchema? = nil, name: FieldSchema? = nil, unique: [[String]] = [],
        indexes: [[String]] = []
    ) throws -> ResourceSchema {
        let key = try key ?? FieldSchema("id", .integer, [.key(.generated)])
        let name = try name ?? FieldSchema("name", .string, [.length(1...50)])
        return try ResourceSchema("members", [key, name] + fields, unique: unique, indexes: indexes)
    }

    private static func team(_ fields: [FieldSchema]) throws -> ResourceSchema {
        let own = try [
            FieldSchema("id", .integer, [.key(.generated)]),
            FieldSchema("name", .string, [.unique(ignoringCase: true)]),
        ]
        return try ResourceSchema("teams", own + fields)
    }

    private static func badge() throws -> ResourceSchema {
        try ResourceSchema(
            "badges",
            [
                FieldSchema("id", .uuid, [.key(.assigned)]),
                FieldSchema("member", .integer, [.references("members", onDelete: .cascade)]),
                FieldSchema("data", .bytes), FieldSchema("rating", .number, [.range(0.0...1.0)]),
            ])
    }

    private static var everyType: [FieldSchema] {
        get throws {
            try [
                FieldSchema("part", .number, [.default(-2.5)]),
                FieldSchema("text", .string, [.default("it's ; -- \"é\"\n")]),
                FieldSchema("flag", .boolean, [.default(false)]),
                FieldSchema("instant", .timestamp, [.default("1969-12-31T23:59:59.999999Z")]),
                FieldSchema("day", .date, [.default("0001-01-01")]),
                FieldSchema("token", .uuid, [.default("00112233-4455-6677-8899-aabbccddeeff")]),
                FieldSchema("data", .bytes, [.default("AP8n")]),
                FieldSchema("options", .json, [.default(["a": [1, "it's"]])]),
                FieldSchema("mood", .enumeration, [.values(["it's", "b"]), .default("it's")]),
            ]
        }
    }

    private static let everyDefault: [String: JSONValue] = [
        "part": -2.5, "text": "it's ; -- \"é\"\n", "flag": false, "instant": "1969-12-31T23:59:59.999999Z",
        "day": "0001-01-01", "token": "00112233-4455-6677-8899-aabbccddeeff", "data": "AP8n",
        "options": ["a": [1, "it's"]], "mood": "it's",
    ]
}
