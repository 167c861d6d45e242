import MartletKernel
import MartletModel

/// A second resource, called by an SQL keyword.
struct Entry: Model {
    var id: Int64
    var text: String

    static let schema = Schema(
        "select", Field("id", \.id, .key(.generated)), Field("text", \.text), build: Entry.init)

    static func validated(_ text: String) throws(Problem) -> ValidatedRow {
        var rows = RowBatch(width: 2)
        rows.append(.absent)
        rows.append(text)
        return try ValidatedRow(rows, schema.resource, for: .create)
    }
}
