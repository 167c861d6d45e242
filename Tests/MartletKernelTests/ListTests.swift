import MartletKernel
import MartletModel
import MartletTesting
import Testing

/// Pages of lists, as a transport asks for them.
@Suite struct ListTests {
    private static let title = SortTerm(1)

    private func titles(_ page: Page) -> [String] {
        (0..<page.rows.count).compactMap { page.rows.string(of: page.rows[$0, 1]) }
    }

    private func filter(_ operation: FilterOperator, _ text: String) throws -> Filter {
        Filter([[try FilterTerm(1, of: Book.schema.resource, operation, text, parameter: "p")]])
    }

    @Test(arguments: 1...6)
    func `a walk sees every record once, and ends`(_ limit: Int) async throws {
        let library = try await Library()
        for title in ["c", "a", "b", "a", "c"] { try await library.add(Book(title)) }
        var (seen, places, next): ([String], Int, RowBatch?) = ([], 0, nil)
        repeat {
            let page = try await library.page { ($0.sort, $0.after, $0.limit) = ([Self.title], next, limit) }
            seen += titles(page)
            places += page.next == nil ? 0 : 1
            next = page.next
        } while next != nil
        #expect(seen == ["a", "a", "b", "c", "c"])
        // No page is empty: the last one knows that nothing is behind it.
        #expect(places == (5 + limit - 1) / limit - 1)
    }

    @Test func `a list without terms is a page by key, and others are lists`() async throws {
        let library = try await Library()
        for title in ["a", "b", "c"] { try await library.add(Book(title)) }
        let first = try await library.page { $0.limit = 1 }
        let second = try await library.page { ($0.limit, $0.after) = (1, first.next) }
        #expect((titles(first), titles(second)) == (["a"], ["b"]))
        _ = try await library.page { $0.sort = [SortTerm(0, isDescending: true)] }
        _ = try await library.page { $0.filter = try filter(.equal, "a") }
        _ = try await library.page { $0.columns = [0] }
        #expect(
            library.storage.asked.map(\.selection).map { "\($0)".prefix(4) } == [
                "page", "page", "list", "list", "list",
            ])
    }

    @Test func `what a page needs is read beside the columns that are wanted`() async throws {
        let library = try await Library()
        for title in ["b", "a"] { try await library.add(Book(title)) }
        let expansions = try library.application.expansions("editor", of: Book.schema.resource)
        let page = try await library.page {
            ($0.columns, $0.sort, $0.limit, $0.expansions) = ([5], [Self.title], 1, expansions)
        }
        guard case .list(let list)? = library.storage.asked.first?.selection else {
            throw StorageError.internal("\(library.storage.asked)")
        }
        #expect(list.columns == [0, 1, 3, 5])
        #expect(list.limit == 2)
        #expect(page.next?.description == "[(\"a\", 2)]")
    }

    @Test func `records are counted only when it is asked, and not when the page has all`() async throws {
        let library = try await Library()
        for title in ["a", "ab", "b", "ac"] { try await library.add(Book(title)) }
        func page(_ limit: Int, isCounted: Bool = true, after: RowBatch? = nil) async throws -> Page {
            library.storage.forget()
            return try await library.page {
                ($0.filter, $0.limit, $0.after) = (try filter(.like, "a*"), limit, after)
                $0.isCounted = isCounted
            }
        }
        let whole = try await page(3)
        #expect(whole.total == 3)
        #expect(library.storage.asked.count == 1)
        let first = try await page(1)
        #expect(first.total == 3)
        #expect(library.storage.asked.count == 2)
        let second = try await page(3, after: first.next)
        #expect(second.total == 3)
        #expect(library.storage.asked.count == 2)
        let uncounted = try await page(1, isCounted: false)
        #expect(uncounted.total == nil)
        #expect(library.storage.asked.count == 1)
    }

    @Test func `a page ends at a record that the next one can begin behind`() async throws {
        let library = try await Library()
        let most = String(repeating: "b", count: Page.mostBytesOfNext)
        for title in ["a", most, most + "b", most + "c", "d", "e"] { try await library.add(Book(title)) }
        func page(_ limit: Int, after: RowBatch? = nil) async throws -> Page {
            try await library.page { ($0.sort, $0.limit, $0.after) = ([Self.title], limit, after) }
        }
        let first = try await page(4)
        #expect(titles(first) == ["a", most])
        let second = try await page(3, after: first.next)
        #expect(titles(second) == [most + "b", most + "c", "d"])
        // The last page has no need of a place.
        let last = try await page(4, after: first.next)
        #expect(last.rows.count == 4)
        let error = FieldError(
            at: .parameter("sort"), .invalidParameter,
            "leads to values of more than 3072 bytes, after which no page can begin")
        await #expect(
            throws: Problem(.invalidParameter, "The records can't be paged by title.", errors: [error])
        ) {
            _ = try await page(2, after: first.next)
        }
    }

    @Test func `a record that isn't there is not found, whatever is to be expanded`() async throws {
        let library = try await Library()
        let expansions = try library.application.expansions("author", of: Book.schema.resource)
        await #expect(throws: Problem(.notFound, "No record of books has this key.")) {
            _ = try await library.application.read(
                .integer(1), of: Book.schema.resource, expanding: expansions, .test)
        }
    }
}
