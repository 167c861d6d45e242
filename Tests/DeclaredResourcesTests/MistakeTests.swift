import Foundation
import MartletKernel
import MartletModel
import MartletTesting
import Testing

@testable import DeclaredResources

private let keyRule =
    "id: a generated key is an integer or a uuid, an assigned one may be a string; neither is null"
private let keyAccess =
    "id: a key is unique and indexed by itself, and has no default, reference or access of its own"
private let nameRule =
    "is no resource name: a lower-case letter, then lower-case letters, digits, - or _, 63 at the most"
private let fieldNameRule = "is no field name: a lower-case letter, then letters and digits, 63 at the most"
private let setRule = "must be a list of lists such as [[a, b]]"
private func reserved(_ table: String, _ prefix: String, _ owner: String) -> String {
    "the table can't be called \(table): \(owner) keeps names that begin with \(prefix) for itself; "
        + "write another one as its table"
}
private let lengthRule = "length must be a number, or a range such as 1..200, 1.. or ..200"

/// Every kind of mistake in a file beside those in its fields, with its line and column.
@Suite struct MistakeTests {
    @Test(
        arguments: [
            ("", [" declares nothing: it needs fields"]),
            ("# nothing\n", [" declares nothing: it needs fields"]),
            ("[]", ["1:1: a resource must be a mapping of keys to values"]),
            ("notes", ["1:1: a resource must be a mapping of keys to values"]),
            ("name: notes", ["1:1: a resource needs fields"]),
            ("fields:", ["1:8: fields must be a mapping of names to types or mappings"]),
            ("fields: [id]", ["1:9: fields must be a mapping of names to types or mappings"]),
            ("fields: {}", ["1:9: notes needs a key: a field with key: generated or key: assigned"]),
            ("fields: { a: string }", ["1:9: notes needs a key: a field with key: generated or key: assigned"]),
            (
                "fields: { id: { type: integer, key: genrated } }",
                ["1:37: unknown key \"genrated\": did you mean generated?"]
            ),
            ("fields: { id: { type: string, key: generated } }", ["1:36: \(keyRule)"]),
            ("fields: { id: { type: integer, key: generated, nullable: true } }", ["1:37: \(keyRule)"]),
            ("fields: { id: { type: integer, key: generated, default: 1 } }", ["1:37: \(keyAccess)"]),
            ("fields: { id: a, id: b }", ["1:11: the same key more than once in one mapping: \"id\""]),
        ] as [(String, [String])])
    func `a mistake in a file is told with its place`(_ yaml: String, _ expected: [String]) throws {
        #expect(try mistakes(yaml) == expected)
    }

    /// Behind three fields that are right.
    @Test(
        arguments: [
            ("name: Notes", ["6:7: \"Notes\" \(nameRule)"]),
            ("name: batch", ["6:7: batch: this name is reserved"]),
            ("name:", ["6:6: name has no value: leave the key out"]),
            ("table: martlet_notes", ["6:8: notes: \(reserved("martlet_notes", "martlet_", "Martlet"))"]),
            ("table: sqlite_notes", ["6:8: notes: \(reserved("sqlite_notes", "sqlite_", "SQLite"))"]),
            ("table: pragma_table_list", ["6:8: notes: \(reserved("pragma_table_list", "pragma_", "SQLite"))"]),
            ("table: pg_class", ["6:8: notes: \(reserved("pg_class", "pg_", "PostgreSQL"))"]),
            (
                "table: My Notes",
                ["6:8: notes: \"My Notes\" can't be a table's name: lower-case letters, digits and _, at most 63"]
            ),
            (
                "  b: { type: string, renamedFrom: old }\n  c: { type: string, renamedFrom: old }",
                ["2:3: notes.c: another field is renamed from old too"]
            ),
            ("preconditions: true", ["6:16: unknown preconditions \"true\": known: optional, required"]),
            ("unique: [a, b]", ["6:10: unique \(setRule)", "6:13: unique \(setRule)"]),
            ("unique: a", ["6:9: unique \(setRule)"]),
            ("unique: [[a, titel]]", ["6:14: unknown field \"titel\": did you mean title?"]),
            ("unique: [[a, data]]", ["6:10: notes: unique can't have data, which is json or there twice"]),
            ("indexes: [[a, a]]", ["6:11: notes: indexes can't have a, which is json or there twice"]),
            ("indexes: [[a]]", ["6:11: notes: a set in indexes has 2 to 16 fields; one alone says so itself"]),
            ("indexes: [[a, title], [title, a], [a, title]]", ["6:35: notes: indexes has the same set twice"]),
            ("  aB: string\n  a_b: string", ["7:3: \"a_b\" \(fieldNameRule)"]),
            ("  aB: string\n  c: { type: string, column: a_b }", ["7:30: c has the column a_b, which is that of aB"]),
            (
                "  c: { managed: createdAt }\n  d: { managed: createdAt }",
                ["7:17: only one field can be createdAt, and c is it"]
            ),
            ("  k: { type: uuid, key: generated }", ["6:25: notes has one key, and id is it"]),
        ] as [(String, [String])])
    func `a mistake in a resource is told with its place`(_ yaml: String, _ expected: [String]) throws {
        let fields = "fields:\n  id: { type: integer, key: generated }\n  a: integer\n  title: string\n  data: json\n"
        #expect(try mistakes(fields + yaml + "\n") == expected)
    }

    @Test func `a file's name has to be one that a resource can have`() throws {
        let yaml = "fields: { id: { type: integer, key: generated } }"
        #expect(
            try mistakes(["My.yaml": yaml, "docs.yaml": yaml]) == [
                "My.yaml: \"My\" \(nameRule)",
                "docs.yaml: docs: this name is reserved",
            ])
    }

    @Test func `a table that one database keeps for itself is refused for both, also by the file's name`() throws {
        let yaml = "fields: { id: { type: integer, key: generated }, a: nothing }"
        #expect(
            try mistakes(["pg_stat.yaml": yaml]) == [
                "pg_stat.yaml: pg_stat: \(reserved("pg_stat", "pg_", "PostgreSQL"))",
                "pg_stat.yaml:1:53: unknown type \"nothing\": known: \(ValueType.allCases.map(\.rawValue).joined(separator: ", "))",
            ])
        let free = "fields: { id: { type: integer, key: generated } }"
        #expect(try mistakes(["pg_stat.yaml": free + "\ntable: stats"]) == [])
    }

    @Test(arguments: ["notes_pkey", "notes_id_seq"])
    func `a table can't have the name of what PostgreSQL makes beside another one`(table: String) throws {
        let yaml = "fields: { id: { type: integer, key: generated } }"
        let message =
            "PostgreSQL makes something called \(table) for the table notes: write another name as this one's table"
        #expect(
            try mistakes(["notes.yaml": yaml, "b.yaml": "table: \(table)\n" + yaml]) == ["b.yaml:1:8: b: \(message)"])
    }

    @Test func `a byte order mark is no part of a file`() throws {
        let yaml = "\u{FEFF}fields: { id: { type: integer, key: generated } }\ntable: rows\nname: notes\n"
        #expect(try mistakes(["notes.yaml": yaml]) == [])
        #expect(try mistakes(["notes.yaml": yaml + "nam: x"]).map { $0.prefix(15) } == ["notes.yaml:4:1:"])
    }

    @Test func `what looks like a resource's file and isn't read is told`() throws {
        let yaml = "fields: { id: { type: integer, key: generated } }"
        let names = ["a.yml", "b.YAML", "c.yaml.txt", "d.Yml", "e/notes.yaml", "f/x.yml"]
        let aside = [
            ".g.yaml", "h.yaml~", "#i.yaml#", "j.yaml.bak", "k.yaml.orig", "README.md", "l/README.md", ".m/n.yaml",
        ]
        let files = Dictionary((names + aside).map { ($0, yaml) }) { first, _ in first }
        func rule(_ name: String) -> String {
            "is not read: name it \(name).yaml, or begin its name with a dot to put it aside"
        }
        #expect(
            try mistakes(files).map { $0.replacing(#/ into .*/#, with: "") } == [
                "a.yml: \(rule("a"))", "b.YAML: \(rule("b"))", "c.yaml.txt: \(rule("c"))", "d.Yml: \(rule("d"))",
                "e: is not read, as subfolders aren't: move notes.yaml",
                "f: is not read, as subfolders aren't: move x.yml",
            ])
    }

    @Test func `what is no file is told, and never waited for`() throws {
        let folder = try TemporaryFolder()
        #expect(mkfifo(folder.file("a.yaml"), 0o600) == 0)
        #expect(mkdir(folder.file("b.yaml"), 0o700) == 0)
        #expect(symlink("/dev/zero", folder.file("c.yaml")) == 0)
        #expect(symlink("nowhere", folder.file("d.yaml")) == 0)
        let files = ResourceFolder(path: folder.path)
        let error = #expect(throws: ConfigurationError.self) {
            try ResourceFiles(in: files, files.contents(), beside: []).resources()
        }
        #expect(
            error?.issues.map { "\($0)".replacing(folder.path + "/", with: "") } == [
                "a.yaml: is a named pipe, not a file", "b.yaml: is a folder, not a file",
                "c.yaml: is a device, not a file", "d.yaml: can't be read: No such file or directory",
            ])
    }

    @Test func `all mistakes of a file are told at once`() throws {
        let yaml = """
            name: changes
            fields:
              id: integer
              title: { type: string, length: 5..1, range: 0..1, pattern: "(", default: 1, format: url }
              count: { type: integer, range: 0..5, default: 6, nulable: true }
              other: { references: titles, readOnly: yes }
              data: { type: json, unique: true, indexed: true, length: 5 }
            unique: [[title, cuont], [data, id]]
            indexes: [[id]]
            table: martlet_x
            precondition: required
            """
        #expect(
            try mistakes(yaml) == [
                "1:7: changes: this name is reserved",
                "3:3: changes needs a key: a field with key: generated or key: assigned",
                "4:34: \(lengthRule)",
                "4:47: title: range is for integers and numbers",
                "4:62: title: the pattern \"(\" has an empty alternative at offset 1",
                "4:87: unknown format \"url\": known: email",
                "5:49: count: the default must be 0 to 5",
                "5:52: unknown key of a field \"nulable\": did you mean nullable?",
                "6:24: unknown resource \"titles\": known: changes",
                "6:42: readOnly must be true or false",
                "7:31: data: unique is not for json",
                "7:46: data: indexed is not for json",
                "7:60: data: length is for strings and bytes",
                "8:18: unknown field \"cuont\": did you mean count?",
                "9:11: resource: a set in indexes has 2 to 16 fields; one alone says so itself",
                "10:8: resource: \(reserved("martlet_x", "martlet_", "Martlet"))",
                "11:1: unknown key of a resource \"precondition\": did you mean preconditions?",
            ])
    }
}
