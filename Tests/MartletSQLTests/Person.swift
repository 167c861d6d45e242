import MartletKernel
import MartletModel

/// What these tests ask for: columns of each kind that SQL is different for.
enum Person {
    static let schema: ResourceSchema = {
        do {
            return try ResourceSchema(
                "people",
                [
                    FieldSchema("id", .integer, [.key(.generated)]),
                    FieldSchema("name", .string, [.indexed]),
                    FieldSchema("email", .string, [.unique(ignoringCase: true)]),
                    FieldSchema("age", .integer, isNullable: true, [.indexed]),
                    FieldSchema("status", .enumeration, [.values(["open", "done"])]),
                    FieldSchema("createdAt", .timestamp),
                ],
                indexes: [["status", "createdAt"], ["age", "name"]])
        } catch {
            preconditionFailure("\(error)")
        }
    }()

    static func column(_ name: String) -> Int { schema.indexByName[name] ?? 0 }

    /// A term as a query's parameter spells it.
    static func term(_ name: String, _ operation: FilterOperator, _ text: String) throws -> FilterTerm {
        try FilterTerm(column(name), of: schema, operation, text, parameter: name)
    }

    static func filter(_ terms: (String, FilterOperator, String)...) throws -> Filter {
        try Filter(terms.map { [try term($0, $1, $2)] })
    }

    /// `-createdAt` descends.
    static func order(_ names: String...) -> [SortTerm] {
        schema.totalOrder(
            names.map { name in
                let isDescending = name.hasPrefix("-")
                return SortTerm(column(isDescending ? String(name.dropFirst()) : name), isDescending: isDescending)
            })
    }

    static func place(_ cells: Value...) -> RowBatch {
        var place = RowBatch(width: cells.count)
        for cell in cells {
            switch cell {
            case .integer(let value): place.append(.integer(value))
            case .time(let value): place.append(.timestamp(Timestamp(clamping: value)))
            case .text(let value): place.append(value)
            case .null: place.append(.null)
            }
        }
        return place
    }

    enum Value {
        case integer(Int64), time(Int64), text(String), null
    }
}
