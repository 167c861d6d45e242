import MartletKernel
import MartletModel

/// Draws the steps of a random sequence. It does them on tables of its own, to know which records are there: a sequence
/// of names drawn blindly would miss them nearly always.
struct StepGenerator {
    private var random: SplitMix64
    private var tables = MemoryDatabase()
    private var keys: [RecordName: Key] = [:]
    private var live: [RecordName] = []
    private var gone: [RecordName] = []
    private var inserted: Int64 = 0

    /// So few that many an insert is refused, and each is hostile or differs from another by case alone.
    private static let uniqueTexts =
        HostileText.all + ["ada", "Ada", "ADA", "Stra\u{DF}e", "STRASSE", "stra\u{DF}e", "k", "K", "\u{212A}"]
    private static let integers: [Int64] = [.min, -1, 0, 1, 7, 1 << 53 + 1, .max]

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        tables.addTable(of: Item.schema.resource)
    }

    mutating func next() -> RandomStep {
        switch number(below: 100) {
        case ..<15: .read(name())
        case ..<35: .page(after: number(below: 3) == 0 ? nil : name(), limit: [1, 2, 5, 1000][number(below: 4)])
        case ..<80: transaction(of: 1)
        default: transaction(of: number(below: 6))
        }
    }

    private mutating func transaction(of count: Int) -> RandomStep {
        let changes = (0..<count).map { _ in change() }
        rehearse(changes)
        return .transaction(changes)
    }

    private mutating func change() -> RandomChange {
        switch number(below: 100) {
        case ..<45:
            inserted += 1
            return .insert(RecordName(number: inserted), row { _ in true })
        case ..<75:
            let fields = number(below: 64)
            let name = name()
            var row = row { column in fields & 1 << (column - 1) != 0 }
            if number(below: 4) == 0 { giveOwnHandle(of: name, to: &row) }
            return .update(name, row)
        default:
            return .delete(name())
        }
    }

    /// A record that is most likely there; it may be deleted, or never have come to be.
    private mutating func name() -> RecordName {
        switch number(below: 10) {
        case ..<8 where !live.isEmpty: live[number(below: live.count)]
        case 8 where !gone.isEmpty: gone[number(below: gone.count)]
        default: RecordName(number: inserted)
        }
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

// MARK: - Knowing what is there

extension StepGenerator {
    private mutating func rehearse(_ changes: [RandomChange]) {
        var copy = tables
        guard let mutations = try? changes.map({ Mutation(Item.schema.resource, try $0.change(keys)) }),
            case .committed(let records)? = try? copy.apply(Transaction(mutations))
        else { return }
        tables = copy
        for (change, record) in zip(changes, records) {
            switch change {
            case .insert(let name, _):
                keys[name] = Item.schema.resource.key(ofRow: 0, in: record)
                live.append(name)
            case .delete(let name):
                live.removeAll { $0 == name }
                gone.append(name)
            case .update: break
            }
        }
    }

    private func giveOwnHandle(of name: RecordName, to row: inout RowBatch) {
        guard let key = keys[name], let record = try? tables.rows(for: Query(Item.schema.resource, .key(key))),
            !record.isEmpty, let handle = record.string(of: record[0, Item.handle])
        else { return }
        row.set(row: 0, column: Item.handle, to: handle)
    }
}
