import FoundationEssentials
import MartletModel

/// A field of specimens, and values of it in their order: what a storage says of values is compared with their places in
/// it.
struct RankedField: Sendable {
    let column: Int
    /// How many values there are, none of them null.
    let count: Int
    /// Records can only share null.
    let isUnique: Bool
    private let setting: @Sendable (inout Specimen, Int?) -> Void
    private let storing: @Sendable (inout RowBatch, Int?) -> Void

    init<Value: FieldValue>(_ path: any WritableKeyPath<Specimen, Value?> & Sendable, ascending values: [Value]) {
        column = Specimen.column(path)
        count = values.count
        isUnique = Specimen.resource.fields[column].uniqueness != nil
        setting = { $0[keyPath: path] = $1.map { values[$0] } }
        storing = { rows, rank in
            rows.appendAbsentRow()
            rank.map { values[$0] }.store(in: &rows, row: rows.count - 1, column: 0)
        }
    }

    /// - Parameter rank: nil is null.
    func set(_ specimen: inout Specimen, to rank: Int?) { setting(&specimen, rank) }

    /// A batch of one column.
    func values(_ ranks: [Int?]) -> RowBatch {
        var rows = RowBatch(width: 1, reservingRows: ranks.count)
        for rank in ranks { storing(&rows, rank) }
        return rows
    }

    func term(_ comparison: FilterTerm.Comparison, _ rank: Int) -> FilterTerm {
        FilterTerm(column, .compare(comparison, value: values([rank])))
    }

    func term(oneOf ranks: [Int]) -> FilterTerm { FilterTerm(column, .oneOf(values(ranks))) }

    func term(isNull: Bool) -> FilterTerm { FilterTerm(column, .isNull(isNull)) }

    /// Specimens with all values, whose numbers are in another order than these, and behind them two of null.
    var specimens: [Specimen] {
        (0..<count + 2).map { rank in
            var specimen = Specimen(UUID(number: number(ofRank: rank)))
            set(&specimen, to: rank < count ? rank : nil)
            return specimen
        }
    }

    func number(ofRank rank: Int) -> Int { rank ^ 5 }

    func numbers(ofRanks ranks: some Sequence<Int>) -> [Int] { ranks.map(number) }
}

extension RankedField {
    static let integer = RankedField(\.integer, ascending: Extremes.integers)
    static let number = RankedField(\.number, ascending: Extremes.numbers.sorted())
    static let text = RankedField(\.text, ascending: HostileText.all.sorted(by: precedes))
    static let flag = RankedField(\.flag, ascending: [false, true])
    static let instant = RankedField(\.instant, ascending: Extremes.timestamps.sorted())
    static let day = RankedField(\.day, ascending: Extremes.dates.sorted())
    static let identifier = RankedField(
        \.identifier, ascending: Extremes.uuids.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) })
    static let data = RankedField(\.data, ascending: Extremes.bytes.sorted { $0.lexicographicallyPrecedes($1) })
    static let mood = RankedField(\.mood, ascending: Mood.allCases.sorted { precedes($0.rawValue, $1.rawValue) })

    static let all = [integer, number, text, flag, instant, day, identifier, data, mood]

    /// Texts are in the order of their UTF-8.
    private static func precedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }
}
