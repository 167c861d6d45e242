import MartletModel
import MartletTesting
import Testing

@testable import MartletKernel

/// References whose records are shown in their place.
@Suite struct ExpansionTests {
    private static let books = Book.schema.resource

    @Test(arguments: [
        ("", "an empty name is no reference of books: known are author, editor"),
        ("author,", "an empty name is no reference of books: known are author, editor"),
        ("nope", "nope is no reference of books: known are author, editor"),
        ("title", "title is no reference of books: known are author, editor"),
        ("key", "key is no reference of books: known are author, editor"),
        ("author.", "an empty name is no reference of authors: known are publisher"),
        ("author.nope", "nope is no reference of authors: known are publisher"),
        ("author.publisher.parent", "goes 2 levels deep at the most: author.publisher.parent"),
        ("author,editor,author", "names author twice"),
        ("author.publisher,author.publisher", "names author.publisher twice"),
    ])
    func `what can't be expanded is told with what can`(_ text: String, _ detail: String) async throws {
        let application = try await Library().application
        #expect(throws: Self.problem(detail)) {
            _ = try application.expansions(text, of: Self.books)
        }
    }

    @Test func `all that can't be expanded is told at once`() async throws {
        let application = try await Library().application
        let known = "is no reference of books: known are author, editor"
        #expect(throws: Self.problem("nope \(known)", "names author twice", "key \(known)")) {
            _ = try application.expansions("nope,author,author,key", of: Self.books)
        }
    }

    private static func problem(_ details: String...) -> Problem {
        Problem(
            .invalidParameter, "The request's parameters are not valid.",
            errors: details.map { FieldError(at: .parameter("expand"), .invalidParameter, $0) })
    }

    @Test func `a resource without references says so`() throws {
        let resource = try ResourceSchema("plain", [FieldSchema("id", .integer, [.key(.generated)])])
        let application = Application(resources: [resource], storage: AskedStorage())
        #expect(Expansion.names(of: resource, among: application.resources).isEmpty)
        let detail = "a is no reference of plain: there are none"
        #expect(throws: Self.problem(detail)) {
            _ = try application.expansions("a", of: resource)
        }
    }

    @Test func `the names that are known are those that can be said`() async throws {
        let application = try await Library().application
        let names = Expansion.names(of: Self.books, among: application.resources)
        #expect(names == ["author", "author.publisher", "editor", "editor.publisher"])
        #expect(
            Expansion.names(of: Publisher.schema.resource, among: application.resources) == ["parent", "parent.parent"])
        _ = try application.expansions(names.joined(separator: ","), of: Self.books)
    }

    @Test(arguments: ["author.publisher", "author,author.publisher", "author.publisher,author"])
    func `records of two levels are read in a query each`(_ text: String) async throws {
        let library = try await Library()
        try await library.add(
            Publisher(id: 0, name: "P", parent: nil), Publisher(id: 0, name: "Q", parent: 1))
        try await library.add(
            Author(id: "\u{E9}", name: "composed", publisher: 2),
            Author(id: "e\u{301}", name: "decomposed", publisher: 2),
            Author(id: "x", name: "not meant", publisher: 1))
        for author in ["e\u{301}", "\u{E9}", nil, "\u{E9}"] { try await library.add(Book("A", by: author)) }
        let expansions = try library.application.expansions(text, of: Self.books)
        let page = try await library.page { $0.expansions = expansions }
        #expect(library.storage.asked.map(\.resource.name) == ["books", "authors", "publishers"])
        #expect(library.storage.asked.map(\.isBounded) == [true, true, true])
        #expect(page.embedded.count == 1)
        let authors = try #require(page.embedded.first)
        #expect(
            (0..<authors.rows.count).map { authors.rows.string(of: authors.rows[$0, 1]) } == ["decomposed", "composed"])
        #expect(authors.nested.map(\.rows.count) == [1])
        library.storage.forget()
        let embedded = try await library.application.read(
            .integer(1), of: Self.books, expanding: expansions, .test
        ).embedded
        #expect(embedded.map { $0.rows.string(of: $0.rows[0, 0]) } == ["e\u{301}"])
        #expect(library.storage.asked.map(\.resource.name) == ["books", "authors", "publishers"])
    }

    @Test func `nothing is read where no reference is`() async throws {
        let library = try await Library()
        try await library.add(Author(id: "a", name: "A", publisher: nil))
        try await library.add(Book("A"), Book("B", editor: "a"))
        let expansions = try library.application.expansions("author.publisher,editor.publisher", of: Self.books)
        let page = try await library.page { $0.expansions = expansions }
        #expect(library.storage.asked.map(\.resource.name) == ["books", "authors"])
        #expect(page.embedded.map(\.rows.count) == [0, 1])
    }

    @Test func `a page is cut to the rows that fit with what they show, and goes on after them`() async throws {
        let library = try await Library()
        let name = String(repeating: "x", count: 1_000_000)
        try await library.add(Publisher(id: 0, name: name, parent: nil))
        for author in ["a", "b", "c"] { try await library.add(Author(id: author, name: name, publisher: 1)) }
        for author in ["a", "a", "b", "c", "a"] { try await library.add(Book("A", by: author)) }
        for (path, counts) in [("author", [3, 2]), ("author.publisher", [1, 1, 1, 1, 1])] {
            let expansions = try library.application.expansions(path, of: Self.books)
            var (after, seen) = (RowBatch?.none, [Int]())
            repeat {
                let page = try await library.page {
                    ($0.expansions, $0.maxBytes, $0.after, $0.isCounted) = (expansions, 3_100_000, after, true)
                    if path.contains(".") { $0.maxBytes = 100 }
                }
                #expect(page.total == 5)
                #expect(
                    (0..<page.rows.count).allSatisfy {
                        page.embedded[0].row(for: page.rows[$0, expansions[0].column], of: page.rows) != nil
                    })
                seen.append(page.rows.count)
                after = page.next
            } while after != nil && seen.count < 10
            #expect(seen == counts, "\(path)")
        }
    }

    @Test func `a page ends early by its own bytes, and its next one begins with the next record`() async throws {
        let library = try await Library()
        let title = String(repeating: "x", count: 1000)
        for number in 0..<5 { try await library.add(Book("\(number)" + title)) }
        var (after, seen) = (RowBatch?.none, [[String]]())
        repeat {
            let page = try await library.page { ($0.maxBytes, $0.after) = (2500, after) }
            seen.append((0..<page.rows.count).map { String(page.rows.string(of: page.rows[$0, 1])?.first ?? "-") })
            after = page.next
        } while after != nil && seen.count < 10
        #expect(seen == [["0", "1"], ["2", "3"], ["4"]])
    }
}
