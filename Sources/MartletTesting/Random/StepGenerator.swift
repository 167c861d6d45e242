import MartletModel

/// Draws the steps of a random sequence.
struct StepGenerator {
    private var random: SplitMix64
    private var inserted: Int64 = 0

    /// So few that a quarter of the inserts is refused, and each is hostile or differs from another by case alone.
    private static let uniqueTexts = HostileText.all + ["ada", "Ada", "ADA", "Straße", "STRASSE", "straße", "k", "K", "\u{212A}"]
    private static let integers: [Int64] = [.min, -1, 0, 1, 7, 1 << 53 + 1, .max]

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    mutating func next() -> RandomStep {
        switch number(below: 100) {
        case ..<20: .read(name())
        case ..<35: .page(after: number(below: 3) == 0 ? nil : name(), limit: [1, 2, 5, 1000][number(below: 4)])
        case ..<80: .transaction([change()])
        default: .transaction((0..<number(below: 6)).map { _ in change() })
        }
    }

    private mutating func change() -> RandomChange {
        switch number(below: 100) {
        case ..<45:
            inserted += 1
            return .insert(RecordName(number: inserted), row { _ in true })
        case ..<75:
            let fields = number(below: 64)
            return .update(name(), row { column in fields & 1 << (column - 1) != 0 })
        default:
            return .delete(name())
        }
    }

    /// A record that one of the last inserts made: it may be there, deleted, or never have come to be.
    private mutating func name() -> RecordName {
        RecordName(number: max(1, inserted - Int64(number(below: 50))))
    }

    /// An ``Item``'s row without its key, and with the columns for which `isGiven` is true.
    private mutating func row(_ isGiven: (Int) -> Bool) -> RowBatch {
        let item = Item(
            name: text(HostileText.all), order: integer(), sideNote: orNull(text(HostileText.all)),
            code: orNull(text(Self.uniqueTexts)), rank: orNull(integer()), handle: text(Self.uniqueTexts))
        var row = item.draft
        for column in 1..<row.width where !isGiven(column) { row.set(row: 0, column: column, to: .absent) }
        return row
    }

    private mutating func text(_ texts: [String]) -> String { texts[number(below: texts.count)] }

    private mutating func integer() -> Int64 { Self.integers[number(below: Self.integers.count)] }

    private mutating func orNull<Value>(_ value: Value) -> Value? { number(below: 3) == 0 ? nil : value }

    private mutating func number(below bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }
}
