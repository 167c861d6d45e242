/// What others than a migration have changed in a database since the last one.
public struct ManualChanges: Sendable {
    /// What a migration makes again without a loss: indexes and triggers. Each is a line.
    public private(set) var repairable: [String] = []
    /// What only their author can judge. Each is a line.
    public private(set) var others: [String] = []

    private let number: Int64

    /// A change that makes the database as the schemas want it is none.
    /// - Parameters:
    ///   - recorded: the shape that the last migration has left.
    ///   - number: that migration's.
    ///   - actual: the shape of the database.
    ///   - desired: that of a new database; only its tables are looked at.
    public init(
        since recorded: DatabaseShape, _ number: Int64, in actual: DatabaseShape, towards desired: DatabaseShape
    ) {
        self.number = number
        for (name, wanted) in desired.tables.sorted(by: { $0.key < $1.key }) {
            guard let before = recorded.tables[name] else { continue }
            if let table = actual.tables[name] {
                compareColumns(name, before, table, wanted)
                compare("index", in: name, before.indexes, table.indexes, wanted.indexes)
                compare("trigger", in: name, before.triggers, table.triggers, wanted.triggers)
            } else {
                others.append(line(name, "the table was dropped"))
            }
        }
    }

    private func line(_ table: String, _ what: String) -> String {
        "\(table): \(what) since migration \(number)"
    }

    private mutating func compareColumns(
        _ table: String, _ before: TableShape, _ now: TableShape, _ wanted: TableShape
    ) {
        for name in Set(before.columns.keys).union(now.columns.keys).sorted() {
            switch (before.columns[name], now.columns[name], wanted.columns[name]) {
            case (_?, nil, _?): others.append(line(table, "the column \(name) was dropped"))
            case (nil, let column?, let wanted) where column != wanted:
                others.append(line(table, "the column \(name) was added"))
            case (let before?, let column?, let wanted):
                others += differences(before, column, wanted).map {
                    line(table, "the column \(name) was changed (\($0))")
                }
            default: break
            }
        }
    }

    private func differences(_ before: ColumnShape, _ now: ColumnShape, _ wanted: ColumnShape?) -> [String] {
        func difference<Value: Equatable>(_ path: KeyPath<ColumnShape, Value>, _ show: (Value) -> String) -> String? {
            let (old, new) = (before[keyPath: path], now[keyPath: path])
            guard old != new, new != wanted?[keyPath: path] else { return nil }
            return "\(show(old)) became \(show(new))"
        }
        return [
            difference(\.type) { "the type \($0)" },
            difference(\.isNullable) { $0 ? "nullable" : "not nullable" },
            difference(\.key) { $0.map { "a key that is \($0)" } ?? "no key" },
            difference(\.check) { $0.map { "the check \($0)" } ?? "no check" },
            difference(\.reference) {
                $0.map { "a reference to \($0.table).\($0.column) on delete \($0.onDelete.lowercased())" }
                    ?? "no reference"
            },
        ].compactMap(\.self)
    }

    private mutating func compare(
        _ kind: String, in table: String, _ before: [String: String], _ now: [String: String],
        _ wanted: [String: String]
    ) {
        for (name, definition) in before.sorted(by: { $0.key < $1.key }) {
            // What the schemas no longer want may go in any way.
            guard now[name] != definition, let wanted = wanted[name], now[name] != wanted else { continue }
            let what = now[name] == nil ? "dropped" : "changed"
            repairable.append(line(table, "the \(kind) \(name) was \(what) by hand"))
        }
    }
}
