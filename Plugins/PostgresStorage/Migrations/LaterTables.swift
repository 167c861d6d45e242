import MartletKernel
import MartletModel
import MartletSQL

/// What a start does with tables that were migrated for later resources than its own, as when an older server starts again
/// in a rolling deployment: it changes nothing under the newer server.
///
/// What is stricter there or more, stays: the older server answers what its records miss with a reason. What these resources
/// need and the tables no longer have is an obstacle.
struct LaterTables {
    /// Each is a line.
    private(set) var kept: [String] = []
    private(set) var obstacles: [String] = []

    init(
        _ comparison: ShapeComparison, _ actual: DatabaseShape, _ definitions: Definitions, _ number: Int64,
        _ connection: BlockingConnection
    ) throws(PostgresError) {
        for table in comparison.tables {
            let name = table.schema.table
            let unique = definitions.layouts.filter { $0.schema.table == name }.flatMap(\.indexes).filter(\.isUnique)
            let withDefault = try Self.columnsWithDefault(of: name, connection)
            for change in table.changes {
                let isKept: Bool
                switch change {
                // The trigger is for references that are set to null, and comes and goes with those of the tables.
                case .dropIndex, .dropTrigger, .makeTrigger: isKept = true
                case .makeIndex(let index):
                    isKept = table.changes.contains(.dropIndex(index)) || !unique.contains { $0.name == index }
                case .setNullability(_, let isNullable): isKept = isNullable
                case .setCheck(let column, _): isKept = actual.tables[name]?.columns[column]?.check != nil
                case .setReference(let column, _): isKept = actual.tables[name]?.columns[column]?.reference != nil
                case .dropColumn(let column):
                    isKept = actual.tables[name]?.columns[column]?.isNullable == true || withDefault.contains(column)
                default: isKept = false
                }
                let summary = change.change(in: name).summary
                if isKept {
                    kept.append(summary)
                } else {
                    obstacles.append(
                        "\(summary): migration \(number) was made for later resources, under whose servers a start changes "
                            + "nothing; `martlet migrate` goes back to these resources")
                }
            }
        }
    }

    /// An insert that doesn't name them gives them a value.
    private static func columnsWithDefault(
        of table: String, _ connection: BlockingConnection
    ) throws(PostgresError) -> Set<String> {
        let rows = try connection.rows(
            "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(quote_ident($1)) AND atthasdef", [table])
        return Set(rows.compactMap { $0[0] })
    }
}
