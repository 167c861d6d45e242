import MartletKernel
import MartletModel
import MartletSQL
import Testing

@testable import SQLiteStorage

@Suite struct DefinitionScannerTests {
    @Test func `checks are found by their columns, whatever those are called`() throws {
        let fields = try [
            FieldSchema("id", .integer, [.key(.generated)]), FieldSchema("name", .string, [.length(1...9)]),
            FieldSchema(
                "mood", .enumeration, [.values(["a, (b", "it's \"mood\"", "CONSTRAINT \"_check_x\" CHECK (1)"])]),
            FieldSchema("count", .integer),
        ]
        let catalog = Catalog([try ResourceSchema("things", fields)])
        let definition = catalog.tables[0].definition(catalog.graph)
        let expected = [
            "name": "instr(value, char(0)) = 0 AND length(value) >= 1 AND length(value) <= 9",
            "mood": "value IN ('a, (b', 'it''s \"mood\"', 'CONSTRAINT \"_check_x\" CHECK (1)')",
        ]
        #expect(DefinitionScanner.checks(in: definition) == expected)
        // As the database has it when the column was renamed.
        let renamed = definition.split(separator: "\"name\"", omittingEmptySubsequences: false).joined(
            separator: "\"na\"\"me, (\"")
        #expect(DefinitionScanner.checks(in: renamed)["na\"me, ("] == expected["name"])
    }

    @Test func `what others have written between is passed over`() {
        let definition = """
            CREATE TABLE notes ( -- it's, (a comment
              id INTEGER PRIMARY KEY, /* another, ) */ [a, b] TEXT CHECK ([a, b] <> 'x)'),
              `c,` TEXT DEFAULT (1 + (2)) CONSTRAINT "mine" CHECK (1),
              "more" TEXT NOT NULL CONSTRAINT "_check_old" CHECK ("more" <> '(') DEFAULT 'x,y', UNIQUE (id, "more")) STRICT
            """
        #expect(DefinitionScanner.checks(in: definition) == ["more": "value <> '('"])
    }

    @Test(arguments: [
        "", "(", ")", "CREATE TABLE t", "CREATE TABLE t (a CONSTRAINT \"_check_a\"", "CONSTRAINT \"_check_",
        "('\"`[-/*--",
        "CREATE TABLE t (\" CONSTRAINT \"_check_a\" CHECK (", "t (\"a\" CONSTRAINT \"_check_a\" CHECK",
        "t (,,,) \"_check_",
    ])
    func `no text is too broken to be looked at`(_ text: String) {
        _ = DefinitionScanner.checks(in: text + "CONSTRAINT \"_check_")
        _ = DefinitionScanner.checks(in: text)
    }
}
