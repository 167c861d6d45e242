import MartletModel

@testable import MartletSQL

/// Resources that refer to each other by each rule, with keys of each type.
enum Shelf {
    static func resource(
        _ name: String, unique: [[String]] = [], _ fields: () throws -> [FieldSchema]
    ) -> ResourceSchema {
        do {
            return try ResourceSchema(name, fields(), unique: unique)
        } catch {
            preconditionFailure("\(error)")
        }
    }

    static let shelves = resource("shelves") { [try FieldSchema("id", .integer, [.key(.generated)])] }
    static let books = resource("books", unique: [["shelf", "title"]]) {
        try [
            FieldSchema("isbn", .string, [.key(.assigned), .length(1...13)]),
            FieldSchema("shelf", .integer, [.references("shelves", onDelete: .cascade)]),
            FieldSchema(
                "sequel", .string, isNullable: true, [.length(1...13), .references("books", onDelete: .setNull)]),
            FieldSchema("title", .string, [.unique(ignoringCase: true)]),
        ]
    }
    static let loans = resource("loans") {
        try [
            FieldSchema("id", .uuid, [.key(.generated)]),
            FieldSchema("book", .string, [.length(1...13), .references("books")]),
        ]
    }

    static let schemas = [shelves, books, loans]

    static func graph(_ dialect: SQLDialect) -> ReferenceGraph { ReferenceGraph(schemas, dialect) }
}
