import Foundation
import MartletClient
import MartletModel
import MartletTesting
import Testing

/// The files of `config/examples`, served and used as their comments say.
@Suite struct ExampleResourcesTests {
    @Test(arguments: LiveServer.Configuration.all)
    func `notes are served from one file`(_ backend: LiveServer.Configuration) async throws {
        let server = try await LiveServer(configuration: backend.serving(Self.examples("notes")))
        let client = try MartletClient(server.url)
        let made = try await client.send(.json(.post, "/notes", #"{"title":"Buy milk"}"#))
        #expect(made.status == 201)
        #expect(made.text.hasPrefix(#"{"id":1,"title":"Buy milk","text":null,"status":"open","createdAt":"20"#))
        let done = try await client.send(.json(.patch, "/notes/1", #"{"status":"done"}"#))
        #expect(done.text.contains(#""status":"done""#))
        let refused = try await client.send(.json(.post, "/notes", #"{"status":"lost"}"#))
        #expect(try codes(of: refused) == ["#/title required", "#/status enum"])
        #expect(try await client.send(ClientRequest(.get, "/openapi.json")).text.contains("\"/notes/{id}\""))
    }

    @Test(arguments: LiveServer.Configuration.all)
    func `the library keeps its references whole`(_ backend: LiveServer.Configuration) async throws {
        let server = try await LiveServer(
            configuration: backend.serving(Self.examples("authors", "books", "loans")))
        let client = try MartletClient(server.url)
        let batch = try await client.send(.json(.post, "/batch", Self.library))
        #expect(batch.status == 200, "\(batch.text)")
        let loan = try #require(batch.text.firstMatch(of: #/"Location":"(/loans/[^"]+)","ETag":"(\\"[^"]+\\")"/#))
        let (path, tag) = (String(loan.1), String(loan.2).replacing("\\", with: ""))

        let twice = try await client.send(.json(.post, "/books", #"{"title":"Notes","author":1}"#))
        #expect(try codes(of: twice) == ["#/title unique", "#/author unique"])
        let nobody = try await client.send(.json(.post, "/books", #"{"title":"Other","author":9}"#))
        #expect(nobody.status == 422)
        #expect(try codes(of: nobody) == ["#/author reference"])

        // Lent books stay, and so does their author.
        for path in ["/books/1", "/authors/1"] {
            let kept = try await client.send(ClientRequest(.delete, path))
            #expect(kept.status == 409)
            #expect(try codes(of: kept) == ["id referenced"])
        }
        #expect(try await client.send(ClientRequest(.delete, path)).status == 428)
        #expect(try await client.send(ClientRequest(.delete, path, headers: ["If-Match": tag])).status == 204)

        // The sequel outlives what it follows, as another version of itself; all books go with their author.
        let before = try await client.send(ClientRequest(.get, "/books/2"))
        #expect(try await client.send(ClientRequest(.delete, "/books/1")).status == 204)
        let after = try await client.send(ClientRequest(.get, "/books/2"))
        #expect(after.text.contains(#""sequelOf":null"#))
        #expect(after.headers["ETag"] != before.headers["ETag"])
        #expect(try await client.send(ClientRequest(.delete, "/authors/1")).status == 204)
        #expect(try await client.send(ClientRequest(.get, "/books")).text == "[]")
    }

    /// An author, two books, and a loan of the first.
    private static let library = """
        {"operations":[{"method":"POST","path":"/authors","body":{"name":"Ada"}},
        {"method":"POST","path":"/books","body":{"title":"Notes","author":{"$ref":"0/id"}}},
        {"method":"POST","path":"/books","body":{"title":"More","author":{"$ref":"0/id"},"sequelOf":{"$ref":"1/id"}}},
        {"method":"POST","path":"/loans","body":{"book":{"$ref":"1/id"},"borrower":"b@c.d","due":"2026-12-24"}}]}
        """

    private static func examples(_ names: String...) throws -> [String: String] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../config/examples").standardized
        return try Dictionary(
            uniqueKeysWithValues: names.map {
                ($0, try String(contentsOf: folder.appendingPathComponent("\($0).yaml"), encoding: .utf8))
            })
    }

    private func codes(of answer: ClientResponse) throws -> [String] {
        try answer.body.withUnsafeBytes { try Problem(json: $0, status: answer.status) }.errors.map { error in
            switch error.location {
            case .pointer(let pointer): "\(pointer) \(error.code.rawValue)"
            case .parameter(let name): "\(name) \(error.code.rawValue)"
            }
        }
    }
}
