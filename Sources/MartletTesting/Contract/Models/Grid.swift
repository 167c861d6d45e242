import FoundationEssentials
import MartletModel

/// Every pair of some integers and texts, with null among both, and terms on them.
enum Grid {
    struct Record: Sendable {
        /// Its key, as a number.
        let number: Int
        /// Places among the values; nil is null.
        let integer: Int?
        let text: Int?

        var specimen: Specimen {
            var specimen = Specimen(UUID(number: number))
            Grid.integer.set(&specimen, to: integer)
            Grid.text.set(&specimen, to: text)
            return specimen
        }
    }

    struct Term: Sendable {
        let term: FilterTerm
        let holds: @Sendable (Record) -> Bool
    }

    static let integer = RankedField(\.integer, ascending: [-1, 0, 1])
    static let text = RankedField(\.text, ascending: ["", "A", "a"])

    static let specimens: [Record] = {
        let ranks = [nil, 0, 1, 2]
        return ranks.indices.flatMap { a in
            ranks.indices.map { Record(number: a * ranks.count + $0, integer: ranks[a], text: ranks[$0]) }
        }
    }()

    static let terms = [
        Term(term: integer.term(.equal, 1)) { $0.integer == 1 },
        Term(term: integer.term(.notEqual, 1)) { $0.integer.map { $0 != 1 } ?? false },
        Term(term: integer.term(.less, 2)) { $0.integer.map { $0 < 2 } ?? false },
        Term(term: integer.term(isNull: true)) { $0.integer == nil },
        Term(term: text.term(.greaterOrEqual, 1)) { $0.text.map { $0 >= 1 } ?? false },
        Term(term: text.term(.notEqual, 0)) { $0.text.map { $0 != 0 } ?? false },
        Term(term: text.term(oneOf: [0, 2])) { $0.text == 0 || $0.text == 2 },
        Term(term: text.term(isNull: false)) { $0.text != nil },
    ]

    /// Bounds on the text, of every kind.
    static let bounds = [
        Term(term: text.term(.greater, 0)) { $0.text.map { $0 > 0 } ?? false },
        Term(term: text.term(.less, 2)) { $0.text.map { $0 < 2 } ?? false },
        Term(term: text.term(.lessOrEqual, 1)) { $0.text.map { $0 <= 1 } ?? false },
        Term(term: text.term(.equal, 1)) { $0.text == 1 }, Term(term: text.term(oneOf: [2])) { $0.text == 2 },
        Term(term: text.term(isNull: true)) { $0.text == nil },
        like("A*", ignoringCase: false) { $0 == 1 }, like("*", ignoringCase: false) { $0 >= 0 },
        like("a", ignoringCase: false) { $0 == 2 }, like("*a", ignoringCase: false) { $0 == 2 },
        like("a", ignoringCase: true) { $0 >= 1 }, like("A*", ignoringCase: true) { $0 >= 1 },
    ]

    private static func like(
        _ source: String, ignoringCase: Bool, _ holds: @escaping @Sendable (Int) -> Bool
    ) -> Term {
        guard let pattern = LikePattern(source) else { preconditionFailure("\(source) is a pattern") }
        let term = FilterTerm(text.column, .like(pattern, ignoringCase: ignoringCase))
        return Term(term: term) { $0.text.map(holds) ?? false }
    }
}
