import MartletKernel
import MartletModel
import Testing

@testable import MartletTesting
@testable import SQLiteStorage

/// What the database sees to by itself, whoever writes to it.
@Suite struct ConstraintTests {
    @Test func `each type has its column`() async throws {
        try await Fixture.open(Subject.schemas) { fixture in
            let columns = try Statement(
                "SELECT name, type, \"notnull\" FROM pragma_table_xinfo('specimens')", on: fixture.outside())
            var found: [String] = []
            while try columns.step() { found.append("\(columns.text(0)) \(columns.text(1)) \(columns.integer(2))") }
            #expect(
                found == [
                    "id BLOB 1", "integer INTEGER 0", "number REAL 0", "text TEXT 0", "flag INTEGER 0",
                    "instant INTEGER 0", "day TEXT 0", "identifier BLOB 0", "data BLOB 0", "document TEXT 0",
                    "mood TEXT 0", "_version INTEGER 1",
                ])
        }
    }

    @Test(arguments: [
        ("integer", "1.5"), ("integer", "'text'"), ("number", "'text'"), ("number", "x'00'"), ("text", "x'00'"),
        ("text", "char(97, 0, 98)"), ("flag", "2"), ("flag", "-1"), ("instant", "253402300800000000"),
        ("instant", "-62135596800000001"), ("day", "'2026-7-01'"), ("day", "'today'"), ("day", "'2026-07-01 '"),
        ("identifier", "x'00'"), ("identifier", "zeroblob(17)"), ("data", "'text'"), ("document", "x'00'"),
        ("mood", "'Glad'"), ("mood", "'sad'"),
    ])
    func `a value that its type can't have is refused`(_ column: String, _ value: String) async throws {
        try await Fixture.open(Subject.schemas) { fixture in
            let writer = try Connection(.writer(.normal), path: fixture.options.path)
            #expect(throws: SQLiteError.self) {
                try writer.execute("INSERT INTO specimens (id, \(column)) VALUES (zeroblob(16), \(value))")
            }
            try writer.execute("INSERT INTO specimens (id, \(column)) VALUES (zeroblob(16), NULL)")
        }
    }

    @Test func `what others write is read like any other record`() async throws {
        try await Fixture.open(Subject.schemas) { fixture in
            try Connection(.writer(.normal), path: fixture.options.path).execute(
                """
                INSERT INTO specimens VALUES (zeroblob(16), 7, 1, 'text', 1, -1, '0001-01-01', zeroblob(16), x'00ff',
                '{"a":1}', 'it''s "so" so\\so', 99)
                """)
            var expected = Specimen(Extremes.uuids[1])
            (expected.integer, expected.number, expected.text, expected.flag) = (7, 1, "text", true)
            (expected.instant, expected.day) = (Timestamp(clamping: -1), .min)
            (expected.identifier, expected.data) = (Extremes.uuids[1], [0, 255])
            (expected.document, expected.mood) = (.object([.init("a", .number("1"))]), .quoted)
            let rows = try await fixture.database.rows(for: Query(Specimen.resource, .key(expected.key)), .test)
            #expect(rows.withoutVersions == expected.row)
            #expect(rows.version == 99)
        }
    }

    @Test func `all that is taken is named after other refusals, of a change and of a new record`() async throws {
        let fields = try [
            FieldSchema("id", .integer, [.key(.generated)]), FieldSchema("row", .integer),
            FieldSchema("place", .integer), FieldSchema("code", .integer, [.unique]),
        ]
        let seats = try ResourceSchema("seats", fields, unique: [["row", "place"]])
        func seat(row: Int64? = nil, place: Int64, code: Int64, for kind: WriteKind) throws -> ValidatedRow {
            var rows = RowBatch(width: seats.width)
            rows.appendAbsentRow()
            if let row { rows.set(row: 0, column: 1, to: .integer(row)) }
            rows.set(row: 0, column: 2, to: .integer(place))
            rows.set(row: 0, column: 3, to: .integer(code))
            return try ValidatedRow(rows, seats, for: kind)
        }
        try await Fixture.open([seats]) { fixture in
            for number in [1, 2] as [Int64] {
                let row = try seat(row: 1, place: number, code: number, for: .create)
                _ = try await fixture.commit(Mutation(seats, .insert(row)))
            }
            // A statement that is kept could still have what the next change doesn't give: a key, a row.
            let changes: [Mutation.Change] = try [
                .update(.integer(1), seat(place: 2, code: 2, for: .patch)),
                .insert(seat(row: 1, place: 1, code: 2, for: .create)),
                .update(.integer(2), seat(place: 1, code: 1, for: .patch)),
                .insert(seat(row: 1, place: 2, code: 1, for: .create)),
            ]
            for change in changes {
                let result = try await fixture.commit(Mutation(seats, change))
                #expect(result == .refused([Refusal(mutation: 0, .uniqueTaken([1, 2, 3]))]))
            }
        }
    }

    @Test(arguments: [
        "(0, 0, 'abc')", "(11, 0, 'abc')", "(5, -0.5, 'abc')", "(5, 1.5, 'abc')", "(5, 0, 'a')", "(5, 0, 'abcdef')",
    ])
    func `a value beyond its bounds is refused`(_ values: String) async throws {
        let bounded = try ResourceSchema(
            "bounded",
            [
                FieldSchema("id", .integer, [.key(.generated)]), FieldSchema("whole", .integer, [.range(1...10)]),
                FieldSchema("part", .number, [.range(0.0...1.0)]), FieldSchema("text", .string, [.length(2...5)]),
            ])
        try await Fixture.open([bounded]) { fixture in
            let writer = try Connection(.writer(.normal), path: fixture.options.path)
            try writer.execute("INSERT INTO bounded (whole, part, text) VALUES (1, 0, 'ab'), (10, 1, 'abcde')")
            let error = #expect(throws: SQLiteError.self) {
                try writer.execute("INSERT INTO bounded (whole, part, text) VALUES \(values)")
            }
            #expect(error?.message.contains("CHECK") == true)
        }
    }

    @Test func `uniqueness and references hold for others too`() async throws {
        try await Fixture.open(Subject.schemas) { fixture in
            let writer = try Connection(.writer(.normal), path: fixture.options.path)
            try writer.execute(
                """
                INSERT INTO owners VALUES ('ada', 'Ada', 'a@example.org', 0, 0, 1);
                INSERT INTO slots (room, day, hour) VALUES ('red', '2026-07-01', 9);
                INSERT INTO remarks (id, text, author) VALUES (1, 'text', 'ada')
                """)
            for sql in [
                "INSERT INTO owners VALUES ('bob', 'Bob', 'A@example.org', 0, 0, 1)",
                "INSERT INTO owners VALUES ('ada', 'Ada', NULL, 0, 0, 1)",
                "INSERT INTO slots (room, day) VALUES ('red', '2026-07-01')",
                "INSERT INTO slots (room, day, hour) VALUES ('blue', '2026-07-01', 9)",
                "INSERT INTO remarks (id, text, author) VALUES (2, 'text', 'eve')",
                "DELETE FROM owners",
            ] {
                #expect(throws: SQLiteError.self, "\(sql)") { try writer.execute(sql) }
            }
            try writer.execute("INSERT INTO slots (room, day) VALUES ('red', NULL), ('red', NULL)")
        }
    }
}
