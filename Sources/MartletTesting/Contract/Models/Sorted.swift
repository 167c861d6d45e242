import FoundationEssentials
import MartletModel

/// Specimens with few values in many fields, and their order by any of these.
enum Sorted {
    struct Record: Sendable {
        /// Its key, as a number.
        let number: Int
        /// By column: places among the field's values, -1 for null.
        let ranks: [Int: Int]

        var specimen: Specimen {
            var specimen = Specimen(UUID(number: number))
            for field in Sorted.fields {
                guard let rank = ranks[field.column], rank >= 0 else { continue }
                field.set(&specimen, to: rank)
            }
            return specimen
        }
    }

    static let fields = [
        Grid.integer, Grid.text, RankedField.flag, RankedField.mood, RankedField.number, RankedField.instant,
        RankedField.day, RankedField.data,
    ]

    /// Where values can't be shared, half of them are null.
    static let records: [Record] = {
        var random = SplitMix64(seed: 1)
        return (0..<20).map { number in
            let ranks = fields.map { field -> (Int, Int) in
                if field.isUnique {
                    return (field.column, Bool.random(using: &random) || number >= field.count ? -1 : number)
                }
                return (field.column, Int.random(in: -1..<min(field.count, 3), using: &random))
            }
            return Record(number: number * 7 % 20, ranks: Dictionary(ranks) { first, _ in first })
        }
    }()

    static func numbers(_ records: [Record], by terms: [SortTerm]) -> [Int] {
        let keysDescend = terms.last?.isDescending ?? false
        return records.sorted { a, b in
            for term in terms {
                guard let (x, y) = a.ranks[term.column].flatMap({ x in b.ranks[term.column].map { (x, $0) } }), x != y
                else { continue }
                return term.isDescending ? x > y : x < y
            }
            return keysDescend ? a.number > b.number : a.number < b.number
        }.map(\.number)
    }
}
