import MartletClient
import MartletModel
import MartletTesting
import Testing

/// All that is wrong with a body is told at once, on every database.
@Suite struct InvalidBodyTests {
    private static let resources = [
        "authors": """
        fields:
          id: { type: integer, key: generated }
          name: { type: string, length: 1..10 }
        """,
        "topics": """
        fields:
          slug: { type: string, key: assigned, length: 1..40 }
          parent: { references: topics, nullable: true }
        """,
        "books": """
        fields:
          id: { type: uuid, key: generated }
          title: { type: string, length: 1..10 }
          author: { references: authors }
          editor: { references: authors, default: 404 }
          topic: { references: topics, nullable: true }
          sequelOf: { references: books, nullable: true }
        """,
    ]

    @Test(arguments: LiveServer.Configuration.all)
    func `wrong values and lost references are told together`(_ backend: LiveServer.Configuration) async throws {
        let server = try await LiveServer(configuration: backend.serving(Self.resources))
        let client = try MartletClient(server.url)
        #expect(try await client.send(.json(.post, "/authors", #"{"name":"Ada"}"#)).status == 201)
        let made = try await client.send(.json(.post, "/books", #"{"title":"One","author":1,"editor":1}"#))
        let book = try #require(made.headers["Location"])
        let nobody = "0198c5a4-7d0e-7000-8000-000000000000"

        // What isn't given has a default, which leads to no record either.
        let body = #"{"title":5,"author":999,"topic":"x","sequelOf":"\#(nobody)"}"#
        let all = [
            "#/title type", "#/author reference", "#/editor reference", "#/topic reference", "#/sequelOf reference",
        ]
        #expect(try await client.errors(.post, "/books", body) == all)
        #expect(try await client.errors(.put, book, body) == all)
        #expect(try await client.errors(.patch, book, body) == all.filter { !$0.contains("editor") })
        let array = #"[{"title":5,"author":1,"editor":1},{"title":"Two","author":999,"editor":1,"topic":"y"}]"#
        #expect(
            try await client.errors(.post, "/books", array)
                == ["#/0/title type", "#/1/author reference", "#/1/topic reference"])
        #expect(
            try await client.errors(.post, "/batch", Self.batch.replacing("BOOK", with: book)) == [
                "#/operations/0/body/parent reference", "#/operations/0/body/zz unknown_field",
                "#/operations/2/body/editor reference", "#/operations/3/body/topic reference",
            ])
        #expect(try await server.terminate() == .exited(0))
    }

    private static let batch = """
        {"operations":[{"method":"PUT","path":"/topics/new","body":{"parent":"lost","zz":1}},
        {"method":"POST","path":"/authors","body":{"name":"Bob"}},
        {"method":"POST","path":"/books","body":{"title":"Two","author":{"$ref":"1/id"},"editor":998,"topic":"new"}},
        {"method":"PATCH","path":"BOOK","body":{"topic":"lost"}}]}
        """
}

extension MartletClient {
    /// The errors of a body that is refused: `#/title type`.
    fileprivate func errors(_ method: HTTPMethod, _ path: String, _ body: String) async throws -> [String] {
        let response = try await send(.json(method, path, body))
        #expect(response.status == 422, "\(response.text)")
        let problem = try response.body.withUnsafeBytes { try Problem(json: $0, status: response.status) }
        return problem.errors.map { error in
            if case .pointer(let pointer) = error.location { "\(pointer) \(error.code.rawValue)" } else { "?" }
        }
    }
}
