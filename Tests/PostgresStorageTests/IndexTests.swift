import MartletKernel
import MartletTesting
import Testing

/// Indexes have the order that lists have.
@Suite(.enabled(if: Backend.isChosen("postgres"))) struct IndexTests {
    let fixture: Fixture

    init() async throws {
        fixture = try await Fixture()
    }

    private func definitions() async throws -> [Substring] {
        let sql = """
            SELECT regexp_replace(indexdef, '.* USING btree ', '') FROM pg_indexes
            WHERE tablename = 'notes' AND indexname LIKE 'notes.%' ORDER BY indexname
            """
        return try await fixture.address.run(sql).split(separator: "\n")
    }

    private let expected: [Substring] = [
        "(parent NULLS FIRST, id)", "(place NULLS FIRST)", "(lower(slug))", "(title, id)",
    ]

    @Test func `nulls are first, and the key is last`() async throws {
        try await fixture.open([Fixture.notes()])
        #expect(try await definitions() == expected)
    }

    @Test func `those of an earlier version, which hadn't the key, are made anew`() async throws {
        let notes = try Fixture.notes()
        try await fixture.open([notes])
        try await fixture.fill(3)
        try await fixture.address.run(
            """
            DROP INDEX "notes.title.index"; CREATE INDEX "notes.title.index" ON notes (title);
            UPDATE martlet_migrations SET checksum = 0, shape = replace(shape, '(title, id)', '(title)')
            """)
        let plan = try await fixture.plan(notes)
        #expect(plan.repairs.isEmpty && plan.manualChanges.isEmpty && plan.steps.count == 2, "\(plan.script)")
        try await fixture.open([notes])
        #expect(try await definitions() == expected)
        #expect(try await fixture.plan(notes).isNothing)
    }
}
