import FoundationEssentials
import MartletKernel
import MartletModel

extension StorageContract {
    static let filters: [Clause] =
        [
            comparing("integers, from the least to the greatest", .integer), comparing("numbers exactly", .number),
            comparing("texts by their UTF-8", .text), comparing("booleans", .flag),
            comparing("times to the microsecond, in all years", .instant), comparing("days", .day),
            comparing("UUIDs by their bytes", .identifier), comparing("bytes", .data),
            comparing("values of an enumeration", .mood),
        ] + [
            Clause("a field of any type is null, or it isn't") { subject in
                var full = Specimen(UUID(number: 1))
                for field in RankedField.all { field.set(&full, to: field.count - 1) }
                full.document = .object([])
                var empty = Specimen(UUID(number: 2))
                // Nothing, false and zero are something; so is the null of a document's own.
                (empty.integer, empty.number, empty.text, empty.flag, empty.data) = (0, 0, "", false, [])
                (empty.document, empty.mood) = (.array([.null]), .empty)
                try await subject.makeAll([full, empty, Specimen(UUID(number: 3))])
                let fields = Specimen.resource.fields.enumerated().filter { $0.element.key == nil }
                for (column, _) in fields {
                    let isUnset = empty.row[0, column].isNull
                    try await subject.expectFound(FilterTerm(column, .isNull(true)), isUnset ? [2, 3] : [3])
                    try await subject.expectFound(FilterTerm(column, .isNull(false)), isUnset ? [1] : [1, 2])
                }
                let key = Specimen.resource.keyIndex
                try await subject.expectFound(FilterTerm(key, .isNull(true)), [])
                try await subject.expectFound(FilterTerm(key, .isNull(false)), [1, 2, 3])
            },
            Clause("a value may be one of many, and be named twice") { subject in
                let field = RankedField.text
                try await subject.makeAll(field.specimens)
                for rank in 0..<field.count {
                    try await subject.expectFound(field.term(oneOf: [rank]), [field.number(ofRank: rank)])
                }
                let some = stride(from: 0, to: field.count, by: 3).map { $0 }
                try await subject.expectFound(field.term(oneOf: some + some), field.numbers(ofRanks: some))
                try await subject.expectRecords(field.specimens.sorted { $0.key < $1.key })
            },
            Clause("a value may be one of a thousand") { subject in
                var integers = RankedField.integer.specimens
                integers[0].integer = Int64(Filter.mostValues)
                try await subject.makeAll(integers)
                var values = RowBatch(width: 1)
                for number in 1...Filter.mostValues { values.append(.integer(Int64(number))) }
                // The first of them, and the last.
                let ranks = [0, Extremes.integers.firstIndex(of: 1) ?? 0]
                try await subject.expectFound(
                    FilterTerm(RankedField.integer.column, .oneOf(values)),
                    RankedField.integer.numbers(ofRanks: ranks))
                try await subject.makeAll([Entry("%"), Entry("'1")])
                var texts = RowBatch(width: 1)
                for number in 2...Filter.mostValues { texts.append("'\(number)") }
                texts.append("%")
                let filter = Filter([[FilterTerm(Entry.column(\.text), .oneOf(texts))]])
                try await subject.expect(subject.count(of: Entry.self, filter), 1, "entries with one of the texts")
            },
            Clause("all clauses of a filter have to hold, and one term of each") { subject in
                let (grid, terms) = (Grid.specimens, Grid.terms)
                try await subject.makeAll(grid.map(\.specimen))
                for (a, first) in terms.enumerated() {
                    for second in terms[a...] {
                        let either = grid.filter { first.holds($0) || second.holds($0) }
                        try await subject.expectFound(Filter([[first.term, second.term]]), either.map(\.number))
                        let both = grid.filter { first.holds($0) && second.holds($0) }
                        try await subject.expectFound(Filter([[first.term], [second.term]]), both.map(\.number))
                    }
                    let third = terms[(a + 1) % terms.count]
                    let (one, other) = (terms[(a + 2) % terms.count], terms[(a + 4) % terms.count])
                    let filter = Filter([[third.term, one.term], [first.term], [other.term, first.term, third.term]])
                    let found = grid.filter { (third.holds($0) || one.holds($0)) && first.holds($0) }
                    try await subject.expectFound(filter, found.map(\.number))
                }
                try await subject.expectFound(.all, grid.map(\.number))
            },
            Clause("a filter may have fifty terms") { subject in
                let field = RankedField.text
                try await subject.makeAll(field.specimens)
                let last = field.count - 1
                // Each text but the last is there more than once, or could be left out.
                let ranks = (1..<Filter.mostTerms).map { $0 % last } + [last]
                let equal = ranks.map { field.term(.equal, $0) }
                try await subject.expectFound(Filter([equal]), field.numbers(ofRanks: 0..<field.count))
                let others = ranks.map { field.term(.notEqual, max($0, 2)) }
                try await subject.expectFound(Filter(others.map { [$0] }), field.numbers(ofRanks: 0...1))
            },
            Clause("filters of more shapes than a storage keeps ready are answered rightly") { subject in
                let (grid, terms) = (Grid.specimens, Grid.terms)
                try await subject.makeAll(grid.map(\.specimen))
                // Twice, so that those come again that are not kept any more.
                for _ in 0..<2 {
                    for choice in 1..<1 << terms.count {
                        let chosen = terms.indices.filter { choice >> $0 & 1 == 1 }.map { terms[$0] }
                        let found = grid.filter { each in chosen.allSatisfy { $0.holds(each) } }.map(\.number)
                        let filter = Filter(chosen.map { [$0.term] })
                        let sort = choice % 2 == 0 ? [] : [SortTerm(0, isDescending: true)]
                        let rows = try await subject.list(of: Specimen.self, filter, by: sort)
                        let expected = choice % 2 == 0 ? found : found.reversed()
                        guard Specimen.numbers(of: rows) == expected else {
                            throw subject.violation("numbers with \(filter)", expected, Specimen.numbers(of: rows))
                        }
                    }
                }
            },
        ]

    private static func comparing(_ what: String, _ field: RankedField) -> Clause {
        Clause("filters compare \(what), and nothing with null") { subject in
            try await subject.makeAll(field.specimens)
            let operators = Specimen.resource.fields[field.column].filterOperators
            let step = max(1, field.count / 12)
            for rank in stride(from: 0, to: field.count, by: step) {
                for comparison in operators.compactMap(\.comparison) {
                    let found = (0..<field.count).filter { comparison.holds($0, rank) }
                    try await subject.expectFound(field.term(comparison, rank), field.numbers(ofRanks: found))
                }
            }
            let last = field.count - 1
            if operators.contains(.oneOf) {
                try await subject.expectFound(field.term(oneOf: [last, 0]), field.numbers(ofRanks: Set([0, last])))
            }
            if operators.contains(.less) {
                let range = Filter([[field.term(.greater, 0)], [field.term(.lessOrEqual, last - 1)]])
                try await subject.expectFound(range, field.numbers(ofRanks: 1..<last))
            }
            try await subject.expectFound(field.term(isNull: true), field.numbers(ofRanks: [last + 1, last + 2]))
            try await subject.expectFound(field.term(isNull: false), field.numbers(ofRanks: 0...last))
        }
    }
}

extension FilterTerm.Comparison {
    func holds(_ a: Int, _ b: Int) -> Bool {
        switch self {
        case .equal: a == b
        case .notEqual: a != b
        case .less: a < b
        case .lessOrEqual: a <= b
        case .greater: a > b
        case .greaterOrEqual: a >= b
        }
    }
}
