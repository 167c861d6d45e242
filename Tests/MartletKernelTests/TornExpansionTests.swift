import MartletKernel
import MartletModel
import MartletTesting
import Synchronization
import Testing

/// Lists and records with `expand`, of which others delete something between the reading of the records and of those that they
/// refer to.
@Suite struct TornExpansionTests {
    private let books, authors, publishers: ResourceSchema
    private let storage: MeddlingStorage
    private let application: Application

    init() async throws {
        let key = try FieldSchema("id", .integer, [.key(.generated)])
        publishers = try ResourceSchema("publishers", [key, FieldSchema("name", .string)])
        authors = try ResourceSchema(
            "authors", [key, FieldSchema("publisher", .integer, [.references("publishers", onDelete: .restrict)])])
        books = try ResourceSchema(
            "books",
            [
                key, FieldSchema("title", .string),
                FieldSchema("author", .integer, [.references("authors", onDelete: .cascade)]),
                FieldSchema("editor", .integer, isNullable: true, [.references("authors", onDelete: .setNull)]),
                FieldSchema("printer", .integer, isNullable: true, [.references("publishers", onDelete: .restrict)]),
            ])
        storage = MeddlingStorage()
        application = Application(resources: [books, authors, publishers], storage: storage)
        try await storage.prepare([books, authors, publishers])
        for name in ["p", "q"] { try await add(publishers, ["name": .string(name)]) }
        for publisher in [1, 2, 1] { try await add(authors, ["publisher": .integer(publisher)]) }
        for (title, author) in [("a", 1), ("b", 1), ("c", 2), ("d", 1), ("e", 2), ("f", 3)] {
            try await add(
                books,
                ["title": .string(title), "author": .integer(author), "editor": .integer(3), "printer": .integer(1)])
        }
    }

    private func row(_ fields: [String: JSONValue], _ schema: ResourceSchema, _ kind: WriteKind) throws -> ValidatedRow
    {
        var writer = JSONWriter()
        writer.write(.object(fields.map { JSONValue.Member($0.key, $0.value) }))
        return try writer.withBytes { bytes in Result { try ValidatedRow(json: bytes, schema, for: kind) } }.get()
    }

    private func add(_ schema: ResourceSchema, _ fields: [String: JSONValue]) async throws {
        let mutation = Mutation(schema, .insert(try row(fields, schema, .create)))
        _ = try await application.write(Write([mutation], .single), .test)
    }

    private func patch(_ schema: ResourceSchema, _ key: Int64, _ fields: [String: JSONValue]) throws -> Mutation {
        Mutation(schema, .update(.integer(key), try row(fields, schema, .patch)))
    }

    private func delete(_ schema: ResourceSchema, _ keys: Int64...) -> [Mutation] {
        keys.map { Mutation(schema, .delete(.integer($0))) }
    }

    /// The page as a client gets it.
    private func page(
        _ expand: String = "author.publisher,editor,printer", _ change: (inout ListRequest) throws -> Void = { _ in }
    ) async throws -> (titles: [String], text: String, page: Page) {
        var request = ListRequest(books, limit: 10)
        request.expansions = try application.expansions(expand, of: books)
        try change(&request)
        let page = try await application.list(request, .test)
        var writer = JSONWriter()
        writer.write(array: page.rows, books, columns: request.columns, embedding: page.embedded)
        let titles = (0..<page.rows.count).compactMap { page.rows.string(of: page.rows[$0, 1]) }
        return (titles, writer.withBytes { String(decoding: $0, as: UTF8.self) }, page)
    }

    @Test func `a record that has gone with another one is not in the page`() async throws {
        storage.meddle(before: "authors", delete(authors, 1))
        let (titles, text, _) = try await page()
        #expect(titles == ["c", "e", "f"])
        #expect(!text.contains("null"), "\(text)")
    }

    @Test func `where all of a page have gone, it has those that follow`() async throws {
        storage.meddle(before: "authors", delete(authors, 1))
        let (titles, text, page) = try await page { $0.limit = 2 }
        #expect(titles == ["c", "e"] && page.next != nil)
        #expect(!text.contains("null"), "\(text)")
        storage.meddle(before: "authors", delete(authors, 2, 3))
        let last = try await self.page { $0.limit = 2 }
        #expect(last.titles.isEmpty && last.page.next == nil)
    }

    @Test func `the page after one whose last record has gone begins where it would have begun`() async throws {
        storage.meddle(before: "authors", delete(authors, 2))
        let first = try await page { $0.limit = 3 }
        #expect(first.titles == ["a", "b"])
        let second = try await page { ($0.limit, $0.after) = (3, first.page.next) }
        #expect(second.titles == ["d", "f"])
    }

    @Test func `a reference that was changed or set to null is shown as it is then`() async throws {
        let printers = try (1...6).map { try patch(books, $0, ["printer": $0 == 3 ? .null : 2]) }
        let moves = try [1, 3].map { try patch(authors, $0, ["publisher": 2]) }
        storage.meddle(before: "publishers", printers + moves + delete(publishers, 1))
        let (titles, text, _) = try await page("printer")
        #expect(titles == ["a", "b", "c", "d", "e", "f"])
        let printer = #""printer":{"id":2,"name":"q"}"#
        #expect(text.ranges(of: printer).count == 5 && text.contains(#""printer":null"#), "\(text)")
        storage.meddle(before: "authors", [try patch(books, 6, ["author": 2])] + delete(authors, 3))
        let second = try await page("editor")
        #expect(second.text.ranges(of: #""editor":null"#).count == 6, "\(second.text)")
    }

    @Test func `so is a reference of the record that is shown`() async throws {
        let printers = try (1...6).map { try patch(books, $0, ["printer": 2]) }
        let moves = try [1, 3].map { try patch(authors, $0, ["publisher": 2]) }
        storage.meddle(before: "publishers", printers + moves + delete(publishers, 1))
        let (titles, text, _) = try await page("author.publisher")
        #expect(titles.count == 6)
        #expect(text.ranges(of: #""publisher":{"id":2,"name":"q"}"#).count == 6, "\(text)")
    }

    @Test func `a record that is no longer of the list, or elsewhere in it, is not in the page`() async throws {
        let changes = try [1, 2, 4].map { try patch(books, $0, ["author": 2, "title": $0 == 2 ? "b" : "z"]) }
        storage.meddle(before: "authors", changes + delete(authors, 1))
        let sorted = try await page("author") {
            $0.sort = [SortTerm(1)]
            $0.columns = [1, 2]
        }
        #expect(sorted.text.hasPrefix(#"[{"title":"b","author":{"id":2,"#), "\(sorted.text)")
        #expect(sorted.titles == ["b", "c", "e", "f"])
        storage.meddle(before: "authors", [try patch(books, 3, ["author": 3, "title": "y"])] + delete(authors, 2))
        let filtered = try await page("author") {
            $0.filter = try Filter([[FilterTerm(1, of: books, .less, "m", parameter: "title")]])
        }
        #expect(filtered.titles == ["f"])
    }

    @Test func `a single record is read again too`() async throws {
        let expansions = try application.expansions("author", of: books)
        storage.meddle(before: "authors", [try patch(books, 1, ["author": 2])] + delete(authors, 1))
        let found = try await application.read(.integer(1), of: books, expanding: expansions, .test)
        let author = found.row[0, 2]
        #expect(author.integer == 2 && found.embedded[0].row(for: author, of: found.row) == 0)
        storage.meddle(before: "authors", delete(authors, 2))
        await #expect {
            _ = try await application.read(.integer(1), of: books, expanding: expansions, .test)
        } throws: {
            ($0 as? Problem)?.code == .notFound
        }
    }

    @Test func `a reference that leads nowhere for good doesn't hide its record`() async throws {
        storage.hide("publishers")
        let (titles, text, _) = try await page("printer")
        #expect(titles.count == 6)
        #expect(text.ranges(of: #""printer":null"#).count == 6)
        let record = try await application.read(
            .integer(1), of: books, expanding: application.expansions("printer", of: books), .test)
        #expect(record.row.count == 1)
    }
}

/// A storage in which others write just before some records are read.
private final class MeddlingStorage: ObservedStorage {
    let sound = MemoryStorage()
    private let meddling = Mutex<(resource: String, mutations: [Mutation])?>(nil)
    private let hidden = Mutex<String?>(nil)

    func meddle(before resource: String, _ mutations: [Mutation]) {
        meddling.withLock { $0 = (resource, mutations) }
    }

    /// As if another program had deleted its records without a look at references.
    func hide(_ resource: String) {
        hidden.withLock { $0 = resource }
    }

    func rows(for query: Query, _ context: RequestContext) async throws(StorageError) -> RowBatch {
        let mutations = meddling.withLock { meddling -> [Mutation]? in
            guard let (resource, mutations) = meddling, resource == query.resource.name else { return nil }
            meddling = nil
            return mutations
        }
        if let mutations {
            let result = try await sound.commit(Transaction(mutations, at: .epoch), context)
            guard case .committed = result else { throw .internal("\(result)") }
        }
        if hidden.withLock({ $0 }) == query.resource.name { return RowBatch(width: query.resource.width) }
        return try await sound.rows(for: query, context)
    }
}
