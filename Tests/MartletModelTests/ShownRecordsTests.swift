import MartletModel
import Testing

/// Records as lists show them: some columns, and what references lead to.
@Suite struct ShownRecordsTests {
    private struct Author: Model {
        var id: String, name: String, publisher: Int64?, secret: String

        static let schema = Schema(
            "authors",
            Field("id", \.id, .key(.assigned), .length(1...)), Field("name", \.name),
            Field("publisher", \.publisher, .references("publishers")), Field("secret", \.secret, .writeOnly),
            build: Author.init)
    }

    private struct Publisher: Model {
        var id: Int64, name: String

        static let schema = Schema(
            "publishers", Field("id", \.id, .key(.generated)), Field("name", \.name), build: Publisher.init)
    }

    private struct Book: Model {
        var id: Int64, title: String, author: String?, editor: String?

        static let schema = Schema(
            "books",
            Field("id", \.id, .key(.generated)), Field("title", \.title),
            Field("author", \.author, .references("authors")), Field("editor", \.editor, .references("authors")),
            build: Book.init)
    }

    private func rows<M: Model>(_ records: M...) -> RowBatch {
        var rows = RowBatch(width: M.schema.resource.width)
        for record in records {
            M.schema.append(record, to: &rows)
            rows.set(row: rows.count - 1, column: rows.width - 1, to: .integer(Int64(rows.count)))
        }
        return rows
    }

    private func json(_ rows: RowBatch, columns: [Int]? = nil, embedding embedded: [EmbeddedRecords] = []) -> String {
        var writer = JSONWriter()
        writer.write(array: rows, Book.schema.resource, columns: columns, embedding: embedded)
        return writer.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: [
        (nil, #"{"id":1,"title":"A","author":null,"editor":"x"}"#), ([0], #"{"id":1}"#), ([], "{}"),
        ([1, 3], #"{"title":"A","editor":"x"}"#), ([4], #"{"_version":1}"#), ([0, 4], #"{"id":1,"_version":1}"#),
        ([0, 1, 2, 3, 4], #"{"id":1,"title":"A","author":null,"editor":"x","_version":1}"#),
    ])
    func `only the columns that are wanted are shown`(_ columns: [Int]?, _ json: String) {
        #expect(self.json(rows(Book(id: 1, title: "A", author: nil, editor: "x")), columns: columns) == "[\(json)]")
    }

    @Test func `records stand where references to them stood`() {
        let books = rows(
            Book(id: 1, title: "A", author: "e\u{301}", editor: nil),
            Book(id: 2, title: "B", author: "\u{E9}", editor: "e\u{301}"),
            Book(id: 3, title: "C", author: "gone", editor: "gone"))
        let publishers = EmbeddedRecords(
            in: 2, Publisher.schema.resource, rows(Publisher(id: 7, name: "P")))
        let authors = rows(
            Author(id: "e\u{301}", name: "decomposed", publisher: 7, secret: "s"),
            Author(id: "\u{E9}", name: "composed", publisher: 8, secret: "s"))
        let embedded = EmbeddedRecords(in: 2, Author.schema.resource, authors, nested: [publishers])
        let first = "{\"id\":\"e\u{301}\",\"name\":\"decomposed\",\"publisher\":{\"id\":7,\"name\":\"P\"}}"
        let second = "{\"id\":\"\u{E9}\",\"name\":\"composed\",\"publisher\":null}"
        #expect(
            json(books, embedding: [embedded])
                == "[{\"id\":1,\"title\":\"A\",\"author\":\(first),\"editor\":null},"
                + "{\"id\":2,\"title\":\"B\",\"author\":\(second),\"editor\":\"e\u{301}\"},"
                + "{\"id\":3,\"title\":\"C\",\"author\":null,\"editor\":\"gone\"}]")
        #expect(
            json(books, columns: [2], embedding: [embedded])
                == "[{\"author\":\(first)},{\"author\":\(second)},{\"author\":null}]")
        #expect(json(books, columns: [0], embedding: [embedded]) == #"[{"id":1},{"id":2},{"id":3}]"#)
    }

    @Test func `one record shows them too`() {
        let book = rows(Book(id: 1, title: "A", author: "a", editor: "a"))
        let authors = rows(Author(id: "a", name: "Ada", publisher: nil, secret: "s"))
        let embedded = [2, 3].map { EmbeddedRecords(in: $0, Author.schema.resource, authors) }
        var writer = JSONWriter()
        writer.write(row: 0, of: book, Book.schema.resource, embedding: embedded)
        let author = #"{"id":"a","name":"Ada","publisher":null}"#
        let json = writer.withBytes { String(decoding: $0, as: UTF8.self) }
        #expect(json == #"{"id":1,"title":"A","author":\#(author),"editor":\#(author)}"#)
    }
}
