import MartletModel
import Testing

/// What a new record, a replacement and a patch may and must have.
@Suite struct WriteKindTests {
    private let tasks: ResourceSchema
    private let pages: ResourceSchema

    init() throws {
        tasks = try ResourceSchema(
            "tasks",
            [
                FieldSchema("id", .integer, [.key(.generated)]), FieldSchema("title", .string),
                FieldSchema("priority", .integer, [.default(.integer(3)), .range(1...5)]),
                FieldSchema("note", .string, isNullable: true),
                FieldSchema("secret", .string, [.writeOnly]),
                FieldSchema("state", .enumeration, [.values(["open", "done"]), .default(.string("open")), .readOnly]),
                FieldSchema("createdAt", .timestamp, [.managed(.createdAt)]),
                FieldSchema("updatedAt", .timestamp, [.managed(.updatedAt)]),
            ])
        pages = try ResourceSchema(
            "pages",
            [
                FieldSchema("id", .string, [.key(.assigned), .length(1...5)]), FieldSchema("text", .string),
                FieldSchema("secret", .string, [.writeOnly]),
            ])
    }

    @Test func `a new record has its defaults, and leaves to the server what is the server's`() throws {
        let row = try Reading.row(#"{"title":"t","secret":"s"}"#, tasks)
        #expect(Reading.json(row.cells, tasks) == #"{"title":"t","priority":3,"note":null,"secret":"s"}"#)
        #expect(try Reading.row(#"{"title":"t","secret":"s","priority":1}"#, tasks).cells[0, 2].integer == 1)
        #expect(
            Reading.errors(#"{"priority":null}"#, tasks) == [
                "required #/title", "not_nullable #/priority", "required #/secret",
            ])
    }

    @Test(arguments: ["id", "state", "createdAt", "updatedAt", "_version"])
    func `nobody sets what the server sets`(_ field: String) {
        let value =
            field == "id" || field == "_version" ? "1" : field == "state" ? #""done""# : #""2026-07-01T12:00:00Z""#
        #expect(Reading.errors(#"{"title":"t","secret":"s","\#(field)":\#(value)}"#, tasks) == ["read_only #/\(field)"])
        guard field != "_version" else { return }
        #expect(Reading.errors(#"{"\#(field)":\#(value)}"#, tasks, for: .patch) == ["read_only #/\(field)"])
        // Also in a type that it doesn't have.
        #expect(Reading.errors(#"{"\#(field)":[]}"#, tasks, for: .patch) == ["read_only #/\(field)"])
    }

    @Test func `a replacement ignores what the server sets, so that what was read can be sent back`() throws {
        let body = #"""
            {"id":7,"title":"t","priority":2,"note":null,"state":"done","createdAt":"2026-07-01T12:00:00Z",
            "updatedAt":"nonsense","_version":12}
            """#
        let row = try Reading.row(body, tasks, for: .replace(.integer(7), of: tasks))
        #expect(Reading.json(row.cells, tasks) == #"{"title":"t","priority":2,"note":null}"#)
        #expect(row.version == 12)
        let least = try Reading.row(#"{"title":"t"}"#, tasks, for: .replace(.integer(7), of: tasks))
        // What is not there has its default, is null, or stays because it was never shown.
        #expect(Reading.json(least.cells, tasks) == #"{"title":"t","priority":3,"note":null}"#)
    }

    @Test func `a replacement that may make its record has all that the record needs, and its key`() throws {
        let kind = WriteKind.replace(.string("a b"), of: pages)
        #expect(Reading.errors(#"{"text":"t"}"#, pages, for: kind) == ["required #/secret"])
        for body in [#"{"text":"t","secret":"s"}"#, #"{"id":"a b","text":"t","secret":"s"}"#] {
            let row = try Reading.row(body, pages, for: kind)
            #expect(Reading.json(row.cells, pages) == #"{"id":"a b","text":"t","secret":"s"}"#)
        }
        #expect(Reading.errors(#"{"id":"A b","text":"t","secret":"s"}"#, pages, for: kind) == ["key_mismatch #/id"])
        #expect(Reading.errors(#"{"id":1,"text":"t","secret":"s"}"#, pages, for: kind) == ["type #/id"])
        let long = WriteKind.replace(.string("too long"), of: pages)
        #expect(Reading.errors(#"{"text":"t","secret":"s"}"#, pages, for: long) == ["length #/id"])
    }

    @Test func `a patch has what it changes, and never the key`() throws {
        let row = try Reading.row(#"{"note":null,"secret":"s"}"#, tasks, for: .patch)
        #expect(Reading.json(row.cells, tasks) == #"{"note":null,"secret":"s"}"#)
        #expect(Reading.errors(#"{"title":null}"#, tasks, for: .patch) == ["not_nullable #/title"])
        #expect(try Reading.row("{}", tasks, for: .patch).cells.cells.allSatisfy(\.isAbsent))
        #expect(Reading.errors(#"{"id":"a"}"#, pages, for: .patch) == ["read_only #/id"])
        #expect(Reading.errors("[]", tasks, for: .patch) == ["type #"])
    }

    @Test func `a new record of an assigned key comes with it`() throws {
        #expect(Reading.errors(#"{"text":"t","secret":"s"}"#, pages) == ["required #/id"])
        #expect(Reading.errors(#"{"id":"","text":"t","secret":"s"}"#, pages) == ["length #/id"])
        let row = try Reading.row(#"{"id":"é","text":"t","secret":"s"}"#, pages)
        #expect(pages.key(ofRow: 0, in: row.cells) == .string("é"))
    }

    @Test(arguments: [("1", 1), ("1.0", 1), ("-5", -5), ("9223372036854775807", Int64.max)])
    func `a version in a body is a precondition`(_ json: String, _ version: Int64) throws {
        let row = try Reading.row(#"{"_version":\#(json)}"#, tasks, for: .patch)
        #expect(row.version == version)
        #expect(row.cells[0, tasks.versionIndex].isAbsent)
    }

    @Test(arguments: [#""1""#, "null", "1.5", "1e99", "true", "[1]", "{}"])
    func `what is no version is an error`(_ json: String) {
        #expect(
            Reading.errors(#"{"_version":\#(json),"x":1}"#, tasks, for: .patch) == [
                "type #/_version", "unknown_field #/x",
            ])
    }

    @Test func `no server shows what is only written`() throws {
        let row = try Reading.row(#"{"title":"t","secret":"s"}"#, tasks)
        var writer = JSONWriter()
        writer.write(row: 0, of: row.cells, tasks)
        writer.write(array: row.cells, tasks)
        let text = writer.withBytes { String(decoding: $0, as: UTF8.self) }
        #expect(!text.contains("secret"))
    }
}
