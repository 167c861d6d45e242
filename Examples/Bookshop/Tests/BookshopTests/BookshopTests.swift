import BookshopModel
import Foundation
import MartletClient
import MartletTesting
import Testing

/// The shop as its customers see it: the real program, and a client.
@Suite struct BookshopTests {
    @Test func `sells books`() async throws {
        let server = try await LiveServer(executable: Self.program)
        let books = try MartletClient(server.url).resource(Book.self)
        let emma = try await books.create {
            $0.title = "Emma"
            $0.isbn = "9780141439587"
            $0.price = 999
        }
        #expect(try await books.get(emma.id) == emma)
        let reduced = try await books.update(emma.id) { $0.price = 499 }
        #expect(reduced.price == 499)
        #expect(try await server.terminate() == .exited(0))
    }

    @Test func `has every book once, however its number is printed`() async throws {
        let server = try await LiveServer(executable: Self.program)
        let books = try MartletClient(server.url).resource(Book.self)
        @Sendable func create(isbn: String) async throws -> Book {
            try await books.create {
                $0.title = "Emma"
                $0.isbn = isbn
                $0.price = 999
            }
        }
        let emma = try await create(isbn: "978-0-14-143958-7")
        #expect(emma.isbn == "9780141439587")
        let error = await #expect(throws: MartletError.self) { try await create(isbn: "9780-141439587") }
        #expect(error?.problem?.status == 409)
        let changed = try await books.update(emma.id) { $0.isbn = "0-14-143958-7" }
        #expect(changed.isbn == "0141439587")
    }

    /// Built beside this test.
    private static var program: String {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent("bookshop").path
    }
}
