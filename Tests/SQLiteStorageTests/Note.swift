import MartletKernel
import MartletModel

/// What these tests keep: a record with each kind of constraint.
struct Note: Model, Equatable {
    var id: Int64
    var title: String
    var slug: String
    var place: Int64?

    static let schema = Schema(
        "notes",
        Field("id", \.id, .key(.generated)),
        Field("title", \.title, .length(1...40), .indexed),
        Field("slug", \.slug, .unique(ignoringCase: true)),
        Field("place", \.place, .unique),
        build: Note.init)

    static var resource: ResourceSchema { schema.resource }

    /// A row to write; nil leaves a field absent.
    static func row(
        title: String? = nil, slug: String? = nil, place: Int64? = nil, for kind: WriteKind = .create
    ) throws -> ValidatedRow {
        var rows = RowBatch(width: resource.width)
        rows.appendAbsentRow()
        if let title { rows.set(row: 0, column: 1, to: title) }
        if let slug { rows.set(row: 0, column: 2, to: slug) }
        if let place { rows.set(row: 0, column: 3, to: .integer(place)) }
        return try ValidatedRow(rows, resource, for: kind)
    }

    static func insertion(_ slug: String, title: String = "a title", place: Int64? = nil) throws -> Mutation {
        try Mutation(resource, .insert(row(title: title, slug: slug, place: place)))
    }
}
