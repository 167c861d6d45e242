import MartletModel
import Testing

/// What a file says of its resource, and what files say of each other.
@Suite struct ResourceTests {
    private static let key = "id: { type: integer, key: generated }"

    @Test func `all that can be said of a resource`() throws {
        let yaml = """
            name: my-notes
            table: the_notes
            preconditions: required
            fields:
              \(Self.key)
              title: string
              place: integer
            unique: [[title, place], [place, title]]
            indexes:
              - [title, id]
            """
        let fields = [
            try FieldSchema("id", .integer, [.key(.generated)]), try FieldSchema("title", .string),
            try FieldSchema("place", .integer),
        ]
        let expected = try ResourceSchema(
            "my-notes", fields, table: "the_notes", unique: [["title", "place"], ["place", "title"]],
            indexes: [["title", "id"]], requiresPreconditions: true)
        #expect(try facts(resources(["notes.yaml": yaml])[0]) == facts(expected))
    }

    @Test func `what isn't said has its default`() throws {
        let yaml = "fields:\n  \(Self.key)\npreconditions: optional\nunique: []\n"
        let expected = try ResourceSchema("notes", [FieldSchema("id", .integer, [.key(.generated)])])
        #expect(try facts(resources(["notes.yaml": yaml])[0]) == facts(expected))
    }

    @Test func `every file of the folder is read, in the order of their names`() throws {
        let yaml = "fields: { \(Self.key) }"
        let names = try resources([
            "b.yaml": yaml, "a.yaml": yaml, "a-b.yaml": yaml, ".hidden.yaml": "?", "notes.txt": "?", "yaml": "?",
        ]).map(\.name)
        #expect(names == ["a-b", "a", "b"])
    }

    @Test func `a folder without files has no resources`() throws {
        #expect(try resources([:]).isEmpty)
    }

    // MARK: - References

    @Test func `files refer to each other in any order, in circles and to themselves`() throws {
        let found = try resources([
            "a.yaml": "fields: { id: { type: uuid, key: generated }, b: { references: b }, a: { references: a } }",
            "b.yaml": "fields: { a: { references: a }, id: { type: string, key: assigned, length: 1..9 } }",
        ])
        #expect(found.map { $0.fields.map(\.type) } == [[.uuid, .string, .uuid], [.uuid, .string]])
    }

    @Test func `a type that is said has to be the key's`() throws {
        let right = "fields:\n  \(Self.key)\n  up: { type: integer, references: notes }\n"
        #expect(try mistakes(right).isEmpty)
        #expect(
            try mistakes(right + "  x: { type: string, references: notes }")
                == ["4:14: x: the key of notes is of the type integer, not string"])
    }

    @Test func `files refer to other plugins' resources`() throws {
        let users = try ResourceSchema("users", [FieldSchema("id", .uuid, [.key(.generated)])])
        #expect(try field("{ references: users }", beside: [users]).type == .uuid)
        #expect(
            try mistakes("fields:\n  \(Self.key)\n  u: { references: user }", beside: [users])
                == ["3:20: unknown resource \"user\": did you mean users?"])
    }

    @Test func `a mistake in a target is told once, there`() throws {
        #expect(
            try mistakes([
                "a.yaml": "fields:\n  id: { type: intger, key: generated }",
                "b.yaml": "fields:\n  \(Self.key)\n  a: { references: a }\n  c: { references: c }",
                "c.yaml": "fields: [",
            ]) == [
                "a.yaml:2:15: unknown type \"intger\": did you mean integer?",
                "c.yaml:2:1: while parsing a flow node, did not find expected node content",
            ])
    }

    // MARK: - Several files

    @Test func `two resources can't have one name, nor one table`() throws {
        let yaml = "fields: { \(Self.key) }"
        let users = try ResourceSchema("users", [FieldSchema("id", .uuid, [.key(.generated)])], table: "people")
        #expect(
            try mistakes(
                [
                    "a.yaml": "name: b\n" + yaml, "b.yaml": yaml, "c.yaml": "table: people\n" + yaml,
                    "users.yaml": yaml,
                ], beside: [users]
            ).map { $0.split(separator: " ").filter { !$0.hasPrefix("/") }.joined(separator: " ") } == [
                "b.yaml: the name b is taken: it is that of a.yaml",
                "c.yaml:1:8: c and users can't have the same table",
                "users.yaml: the name users is taken: another plugin serves it; take that out of resources.use, or name this one otherwise",
            ])
    }

    @Test func `mistakes come file by file and line by line`() throws {
        let bad = "fields:\n  \(Self.key)\n  b: strin\n  a: { type: string, lenght: 1 }\ntabel: x\n"
        let found = [
            "3:6: unknown type \"strin\": did you mean string?",
            "4:22: unknown key of a field \"lenght\": did you mean length?",
            "5:1: unknown key of a resource \"tabel\": did you mean table?",
        ]
        #expect(
            try mistakes(["b.yaml": bad, "a.yaml": bad])
                == found.map { "a.yaml:\($0)" } + found.map { "b.yaml:\($0)" })
    }

}
