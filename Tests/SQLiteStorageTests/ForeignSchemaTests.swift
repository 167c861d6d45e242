import MartletKernel
import MartletModel
import MartletTesting
import Testing

@testable import SQLiteStorage

/// Migrations beside views, triggers, tables and columns that others have made.
@Suite struct ForeignSchemaTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Notes without a place.
    private static var fewer: ResourceSchema {
        get throws { try ResourceSchema("notes", Array(Note.resource.fields[0..<3])) }
    }

    /// Notes whose title is a heading.
    private static var renamed: ResourceSchema {
        get throws {
            let heading = try FieldSchema("heading", .string, [.length(1...40), .indexed, .renamedFrom("title")])
            return try ResourceSchema(
                "notes", [Note.resource.fields[0], heading, Note.resource.fields[2], Note.resource.fields[3]])
        }
    }

    private func make(_ sql: String) async throws {
        try await Fixture.open(in: folder) { fixture in try await fixture.insert("a", place: 1) }
        try Connection(.writer(.normal), path: folder.file("martlet.db")).execute(sql)
    }

    private func outside() throws -> Connection {
        try Connection(.reader, path: folder.file("martlet.db"))
    }

    private func migrate(_ schema: ResourceSchema, _ mode: Migration.Mode) async throws -> Migration {
        try await SQLiteDatabase(.init(path: folder.file("martlet.db"))).migrate(to: [schema], mode)
    }

    @Test(arguments: [
        ("CREATE VIEW places AS SELECT place FROM notes", "the view places"),
        ("CREATE VIEW places AS SELECT place FROM notes; CREATE VIEW more AS SELECT * FROM places", "the view more"),
        (
            "CREATE TABLE other (x INTEGER); CREATE TRIGGER t AFTER INSERT ON other BEGIN UPDATE notes SET place = 1; END",
            "writing to the table other"
        ),
        (
            "CREATE VIEW titles AS SELECT id, title FROM notes; CREATE TRIGGER t INSTEAD OF INSERT ON titles BEGIN INSERT INTO notes (title, slug, place) VALUES (NEW.title, NEW.title, 1); END",
            "inserting into the view titles (with the triggers t)"
        ),
        ("CREATE TABLE links (place INTEGER REFERENCES notes (place))", "writing to the table notes"),
    ])
    func `what would no longer work without a column refuses its end, and is named in the plan`(
        _ sql: String, _ subject: String
    ) async throws {
        try await make(sql)
        let plan = try await migrate(Self.fewer, .plan)
        #expect(plan.obstacles.contains { $0.hasPrefix(subject) && $0.hasSuffix("change or drop it first") }, "\(plan)")
        await #expect { _ = try await migrate(Self.fewer, .destructive) } throws: { error in
            guard case .unusable(let text) = error as? StorageError else { return false }
            return text.contains(subject)
        }
        #expect(try outside().integer("SELECT place FROM notes") == 1)
    }

    @Test func `a view that names other columns stays, and follows a rename`() async throws {
        try await make("CREATE VIEW titles AS SELECT title, slug FROM notes")
        _ = try await migrate(Self.fewer, .destructive)
        #expect(try outside().text("SELECT title || slug FROM titles") == "a titlea")
        _ = try await migrate(
            ResourceSchema("notes", Array(Self.renamed.fields[0..<3])), .lossless)
        #expect(try outside().text("SELECT heading || slug FROM titles") == "a titlea")
    }

    @Test func `a view that was broken before stops a rename by its name alone`() async throws {
        try await make("CREATE VIEW broken AS SELECT missing FROM notes")
        let obstacles = try await migrate(Self.renamed, .plan).obstacles
        #expect(obstacles.count == 1 && obstacles[0].contains("the view broken"), "\(obstacles)")
        // Whatever renames nothing isn't its concern.
        _ = try await migrate(Self.fewer, .destructive)
        try Connection(.writer(.normal), path: folder.file("martlet.db")).execute("DROP VIEW broken")
        _ = try await migrate(ResourceSchema("notes", Array(Self.renamed.fields[0..<3])), .lossless)
    }

    @Test func `a column that the database computes is named`() async throws {
        try await make("ALTER TABLE notes ADD COLUMN twice INTEGER AS (place * 2)")
        let obstacles = try await migrate(Note.resource, .plan).obstacles
        #expect(obstacles.contains { $0.contains("the column twice, which the database computes") }, "\(obstacles)")
    }
}
