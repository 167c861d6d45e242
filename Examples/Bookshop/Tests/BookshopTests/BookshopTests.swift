import BookshopModel
import Foundation
import MartletClient
import MartletModel
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

    @Test func `reserves a book once for each key`() async throws {
        let server = try await LiveServer(executable: Self.program)
        let client = try MartletClient(server.url)
        let emma = try await create("9780141439587", client)
        let request = ReservationRequest(id: emma.id, customer: "Ada", copies: 2)
        let first = try await client.call(Book.reserve, request, idempotencyKey: "order 7")
        #expect(first == Reservation(id: first.id, book: emma.id, customer: "Ada", copies: 2))
        #expect(try await client.call(Book.reserve, request, idempotencyKey: "order 7") == first)
        #expect(try await client.resource(Reservation.self).count() == 1)
        // Without one, the client makes a key for each call.
        #expect(try await client.call(Book.reserve, ReservationRequest(id: emma.id, customer: "Bea")).copies == 1)
        #expect(try await client.resource(Reservation.self).count() == 2)
    }

    @Test func `refuses a reservation that can't be, and says what is wrong`() async throws {
        let server = try await LiveServer(executable: Self.program)
        let client = try MartletClient(server.url)
        let emma = try await create("9780141439587", client)
        func refusal(_ request: ReservationRequest) async -> Problem? {
            let error = await #expect(throws: MartletError.self) { try await client.call(Book.reserve, request) }
            return error?.problem
        }
        let wrong = await refusal(ReservationRequest(id: emma.id, customer: "", copies: 11))
        #expect(wrong?.code == .validationFailed)
        #expect(wrong?.errors.map(\.location) == [.pointer("#/customer"), .pointer("#/copies")])
        #expect(await refusal(ReservationRequest(id: 99, customer: "Ada"))?.code == .notFound)
        let text = try await client.send(
            ClientRequest(
                .post, "/books/emma/reservations", headers: ["Content-Type": "application/json"], body: [123, 125]))
        #expect(text.status == 400)
        #expect(String(decoding: text.body, as: UTF8.self).contains(#""parameter":"id""#))
        #expect(try await client.resource(Reservation.self).count() == 0)
    }

    @Test func `greets in the language that a header field says`() async throws {
        let server = try await LiveServer(executable: Self.program)
        let client = try MartletClient(server.url)
        func greeting(_ headers: HeaderFields) async throws -> String {
            String(
                decoding: try await client.send(ClientRequest(.get, "/greeting", headers: headers)).body, as: UTF8.self)
        }
        #expect(try await greeting(["accept-language": "de-CH, de;q=0.9"]) == #"{"language":"de","text":"Guten Tag"}"#)
        #expect(try await greeting([:]) == #"{"language":"en","text":"Good morning"}"#)
    }

    @Test func `describes and lists its endpoints like those of resources`() async throws {
        let server = try await LiveServer(executable: Self.program)
        let client = try MartletClient(server.url)
        let answer = try await client.send(ClientRequest(.get, "/openapi.json"))
        let document = try JSONValue(json: String(decoding: answer.body, as: UTF8.self))
        let reserve = document["paths"]?["/books/{id}/reservations"]?["post"]
        let body = reserve?["requestBody"]?["content"]?["application/json"]?["schema"]
        #expect(body?["properties"]?["copies"]?["maximum"] == 10 && body?["required"] == ["customer"])
        let output = reserve?["responses"]?["200"]?["content"]?["application/json"]?["schema"]
        #expect(output == ["$ref": "#/components/schemas/Reservations"])
        #expect(document["paths"]?["/greeting"]?["get"] != nil)
        let routes = try Self.output(of: "routes").split(separator: "\n")
        #expect(routes.contains { $0.hasPrefix("POST") && $0.hasSuffix("Reserves copies of a book") })
        #expect(routes.contains { $0.hasPrefix("GET") && $0.contains("/greeting") })
    }

    private func create(_ isbn: String, _ client: MartletClient) async throws -> Book {
        try await client.resource(Book.self).create {
            $0.title = "Emma"
            $0.isbn = isbn
            $0.price = 999
        }
    }

    private static func output(of command: String) throws -> String {
        let (process, pipe) = (Process(), Pipe())
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = [command]
        // Without a configuration file everything that can be loaded is in use.
        process.currentDirectoryURL = FileManager.default.temporaryDirectory
        process.standardOutput = pipe
        try process.run()
        defer { process.waitUntilExit() }
        return String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    }

    /// Built beside this test.
    private static var program: String {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent("bookshop").path
    }
}
