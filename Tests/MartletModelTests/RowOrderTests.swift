import FoundationEssentials
import MartletModel
import Testing

/// In which order values, rows and pages are.
@Suite struct RowOrderTests {
    private struct Shelf: Model {
        var id: Int64, name: String, code: String, maybe: String?, handle: String

        static let schema = Schema(
            "shelves",
            Field("id", \.id, .key(.generated)), Field("name", \.name), Field("code", \.code, .unique),
            Field("maybe", \.maybe, .unique), Field("handle", \.handle, .unique(ignoringCase: true)), build: Shelf.init)
    }

    @Test(arguments: [
        ("", "0"), ("1", "1 0"), ("-1", "-1 -0"), ("0", "0"), ("-0", "-0"), ("1,0,2", "1 0"), ("2", "2"),
        ("-2,1", "-2"),
        ("1,-2,1", "1 -2"), ("3", "3 0"), ("-3,2", "-3 2"), ("-4", "-4"), ("1,-3", "1 -3 -0"),
    ])
    func `an order ends with what no two records have in common`(_ sort: String, _ order: String) {
        func terms(_ text: String, _ separator: Character) -> [SortTerm] {
            text.split(separator: separator).map {
                SortTerm(Int($0.drop { $0 == "-" }) ?? 0, isDescending: $0.hasPrefix("-"))
            }
        }
        #expect(Shelf.schema.resource.totalOrder(terms(sort, ",")) == terms(order, " "))
    }

    /// Each list ascending.
    private static let ascending: [[any FieldValue]] = [
        [Int64?.none, Int64.min, -1 as Int64, 0 as Int64, 1 as Int64, Int64.max],
        [
            Double?.none, -Double.greatestFiniteMagnitude, -0.1, -Double.leastNonzeroMagnitude, 0.0,
            Double.leastNonzeroMagnitude, 0.1, Double.greatestFiniteMagnitude,
        ],
        // Scalars beyond U+FFFF come last in UTF-8, but not in UTF-16.
        [String?.none, "", "\u{1}", "A", "B", "a", "a\u{1}", "aa", "e\u{301}", "z", "\u{E9}", "\u{FFFF}", "\u{10000}"],
        [Bool?.none, false, true],
        [Timestamp?.none, Timestamp.min, Timestamp(clamping: -1), Timestamp.epoch, Timestamp.max],
        [CalendarDate?.none, CalendarDate.min, CalendarDate(clamping: -1), CalendarDate.epoch, CalendarDate.max],
        [
            [UInt8]?.none, [UInt8](), [0] as [UInt8], [0, 0] as [UInt8], [0, 255] as [UInt8], [127] as [UInt8],
            [128] as [UInt8],
        ],
        [
            UUID?.none, UUID.sentinel(0), UUID.sentinel(255), UUID.sentinel(256),
            UUID(uuid: (128, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
        ],
    ]

    @Test(arguments: ascending.indices)
    func `values have one order`(_ list: Int) {
        let batches = Self.ascending[list].map { value in
            var rows = RowBatch(width: 1)
            // Bytes before it, so that no offset is the same by chance.
            rows.append("bytes before it")
            rows.appendAbsentRow()
            value.store(in: &rows, row: 1, column: 0)
            return rows
        }
        for (a, first) in batches.enumerated() {
            for (b, second) in batches.enumerated() {
                let order = first.order(first[1, 0], second[1, 0], of: second)
                #expect(order.signum() == (a - b).signum(), "\(first) and \(second)")
            }
        }
    }

    @Test func `minus zero is zero`() {
        var rows = RowBatch(width: 1)
        for value in [0.0, -0.0] { rows.append(.number(value)) }
        #expect(rows.order(rows[0, 0], rows[1, 0], of: rows) == 0)
    }

    @Test func `rows are ordered by their first value that differs, each in its direction`() {
        var rows = RowBatch(width: 2)
        for (text, number) in [("a", 1), ("a", 2), ("b", 1)] {
            rows.append(text)
            rows.append(.integer(Int64(number)))
        }
        func order(_ a: Int, _ b: Int, _ terms: SortTerm...) -> Int {
            rows.order(row: a, rows.place(ofRow: b, in: terms), by: terms).signum()
        }
        #expect(order(0, 1, SortTerm(0), SortTerm(1)) == -1)
        #expect(order(0, 1, SortTerm(0), SortTerm(1, isDescending: true)) == 1)
        #expect(order(0, 2, SortTerm(1), SortTerm(0, isDescending: true)) == 1)
        #expect(order(2, 1, SortTerm(0, isDescending: true)) == -1)
        #expect(order(1, 1, SortTerm(1), SortTerm(0)) == 0)
    }
}
