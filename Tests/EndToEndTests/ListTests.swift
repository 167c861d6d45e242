import MartletClient
import MartletModel
import MartletTesting
import Testing

/// Lists over the wire: the same on every storage.
@Suite struct ListTests {
    private static let authors = """
        fields:
          id: { type: integer, key: generated }
          name: { type: string, length: 1..50 }
        """
    private static let books = """
        fields:
          id: { type: integer, key: generated }
          title: { type: string, length: 0..100 }
          author: { references: authors, nullable: true }
          pages: { type: integer, nullable: true, indexed: true }
          weight: { type: number, nullable: true }
          printedAt: { type: timestamp, nullable: true }
          day: { type: date, nullable: true }
          token: { type: uuid, nullable: true }
          data: { type: bytes, nullable: true }
          isOpen: { type: boolean, nullable: true }
          status: { values: [open, done], nullable: true }
        """
    private static let records = #"""
        [{"title":"a","pages":1,"author":1,"weight":0.5,"printedAt":"2026-01-01T00:00:00Z","day":"2026-01-01"},
        {"title":"B","pages":null,"author":2,"weight":-0.5,"isOpen":true,"status":"done","data":"AQ=="},
        {"title":"b","pages":2,"author":1,"status":"open","token":"00000000-0000-4000-8000-000000000001"},
        {"title":"é","pages":2,"weight":1e300,"data":"","isOpen":false,"day":"0001-01-01"},
        {"title":"50%_*","pages":-3,"author":null,"printedAt":"0001-01-01T00:00:00Z","data":"/w=="},
        {"title":"","pages":9223372036854775807,"status":"done","token":"ffffffff-ffff-4fff-bfff-ffffffffffff"},
        {"title":"\ud83d\ude00","pages":null,"printedAt":"9999-12-31T23:59:59.999999Z","day":"9999-12-31"},
        {"title":"\uffff","pages":null,"isOpen":true}]
        """#

    private func start(
        _ backend: LiveServer.Configuration
    ) async throws -> (server: LiveServer, client: MartletClient) {
        let server = try await LiveServer(
            configuration: backend.serving(["authors": Self.authors, "books": Self.books]))
        let client = try MartletClient(server.url)
        for (path, records) in [("/authors", #"[{"name":"Ada"},{"name":"Bea"}]"#), ("/books", Self.records)] {
            let made = try await client.send(.json(.post, path, records))
            try #require(made.status == 201, "\(made.text)")
        }
        return (server, client)
    }

    private func ids(_ client: MartletClient, _ query: String) async throws -> [Int] {
        let answer = try await client.send(ClientRequest(.get, "/books?\(query)"))
        #expect(answer.status == 200, "\(query): \(answer.text)")
        return try JSONValue(json: answer.text).array?.compactMap { $0["id"]?.integer } ?? []
    }

    private static let filters: [(String, [Int])] = [
        ("title=b", [3]), ("title.ne=b", [1, 2, 4, 5, 6, 7, 8]), ("title=", [6]), ("title.lt=b", [1, 2, 5, 6]),
        ("title.gte=%C3%A9", [4, 7, 8]), ("title.gt=%EF%BF%BF", [7]), ("title.in=a,B", [1, 2]),
        ("title.like=*%25_%5C*", [5]), ("title.ilike=b", [2, 3]), ("title.like=*b*", [3]),
        ("title.like=*", Array(1...8)),
        ("title.ilike=%C3%89", []), ("pages=2", [3, 4]), ("pages.ne=2", [1, 5, 6]), ("pages.lt=2", [1, 5]),
        ("pages.null=true", [2, 7, 8]), ("pages.in=1,-3", [1, 5]), ("weight.gt=0", [1, 4]), ("weight=-0.5", [2]),
        ("printedAt.lte=2026-01-01T01:00:00%2B01:00", [1, 5]), ("day=0001-01-01", [4]),
        ("data.in=AQ==,/w==", [2, 5]), ("data.null=false", [2, 4, 5]), ("isOpen=true", [2, 8]), ("isOpen.ne=true", [4]),
        ("status=done", [2, 6]), ("token.gt=00000000-0000-4000-8000-000000000001", [6]), ("author=1", [1, 3]),
        ("author=1&pages.gt=1", [3]), ("or=(pages=1,title=B)&id.gt=1", [2]), ("or=(title.in=a%5C,B,author=2)", [1, 2]),
    ]

    @Test(arguments: LiveServer.Configuration.all)
    func `filters mean the same`(_ backend: LiveServer.Configuration) async throws {
        let (server, client) = try await start(backend)
        for (query, expected) in Self.filters {
            #expect(try await ids(client, query) == expected, "\(query)")
            let counted = try await client.send(ClientRequest(.head, "/books?\(query)&count=true&limit=1"))
            #expect(counted.headers["X-Total-Count"] == "\(expected.count)", "\(query)")
        }
        #expect(try await server.terminate() == .exited(0))
    }

    private static let orders: [(String, [Int])] = [
        ("title", [6, 5, 2, 1, 3, 4, 8, 7]), ("-title", [7, 8, 4, 3, 1, 2, 5, 6]),
        ("pages", [2, 7, 8, 5, 1, 3, 4, 6]), ("-pages", [6, 4, 3, 1, 5, 8, 7, 2]),
        ("pages,-title", [7, 8, 2, 5, 1, 4, 3, 6]), ("-weight,title", [4, 1, 2, 6, 5, 3, 8, 7]),
        ("printedAt", [2, 3, 4, 6, 8, 5, 1, 7]), ("day,-id", [8, 6, 5, 3, 2, 4, 1, 7]),
        ("token", [1, 2, 4, 5, 7, 8, 3, 6]), ("data", [1, 3, 6, 7, 8, 4, 2, 5]),
        ("isOpen,-pages", [6, 3, 1, 5, 7, 4, 8, 2]),
        ("status,author,data,token,day,printedAt,weight,title", [8, 7, 4, 5, 1, 6, 2, 3]),
        ("-id", Array((1...8).reversed())),
    ]

    @Test(arguments: LiveServer.Configuration.all)
    func `orders are total, and pages of any size follow them`(_ backend: LiveServer.Configuration) async throws {
        let (server, client) = try await start(backend)
        for (sort, expected) in Self.orders {
            #expect(try await ids(client, "sort=\(sort)") == expected, "\(sort)")
            for limit in 1...3 {
                #expect(try await walk(client, "/books?sort=\(sort)&limit=\(limit)&fields=id") == expected, "\(sort)")
            }
        }
        #expect(try await server.terminate() == .exited(0))
    }

    /// The ids of all pages, by their links.
    private func walk(
        _ client: MartletClient, _ first: String, between: (Int) async throws -> Void = { _ in }
    ) async throws -> [Int] {
        var (target, found, page) = (String?.some(first), [Int](), 0)
        while let path = target {
            let answer = try await client.send(ClientRequest(.get, path))
            try #require(answer.status == 200, "\(answer.text)")
            found += try JSONValue(json: answer.text).array?.compactMap { $0["id"]?.integer } ?? []
            target = answer.headers["Link"].map { String($0.dropFirst().prefix { $0 != ">" }) }
            page += 1
            try await between(page)
        }
        return found
    }

    @Test(arguments: LiveServer.Configuration.all)
    func `a walk repeats nothing and skips nothing while records come and go`(
        _ backend: LiveServer.Configuration
    ) async throws {
        let (server, client) = try await start(backend)
        let found = try await walk(client, "/books?sort=-pages,title&limit=1&fields=id") { page in
            if page == 2 { _ = try await client.send(ClientRequest(.delete, "/books/4")) }
            _ = try await client.send(.json(.post, "/books", #"{"title":"new \#(page)","pages":5}"#))
        }
        #expect(Set(found).count == found.count)
        #expect(Set([1, 2, 3, 5, 6, 7, 8]).isSubset(of: found))
        #expect(try await server.terminate() == .exited(0))
    }

    @Test(arguments: LiveServer.Configuration.all)
    func `references are expanded`(_ backend: LiveServer.Configuration) async throws {
        let (server, client) = try await start(backend)
        let list = try await client.send(ClientRequest(.get, "/books?fields=title&expand=author&id.lte=3&sort=-title"))
        #expect(
            list.text == #"[{"title":"b","author":{"id":1,"name":"Ada"}},{"title":"a","author":{"id":1,"name":"Ada"}},"#
                + #"{"title":"B","author":{"id":2,"name":"Bea"}}]"#)
        let one = try await client.send(ClientRequest(.get, "/books/2?expand=author"))
        #expect(one.status == 200 && one.text.contains(#""author":{"id":2,"name":"Bea"}"#))
        #expect(one.headers["ETag"] == nil)
        #expect(try await server.terminate() == .exited(0))
    }

    @Test(arguments: LiveServer.Configuration.all)
    func `what can't be meant is 400, without a word of how records are kept`(
        _ backend: LiveServer.Configuration
    ) async throws {
        let (server, client) = try await start(backend)
        let other = try await client.send(ClientRequest(.get, "/books?sort=title&limit=1"))
        let cursor = try #require(other.headers["Link"]?.firstMatch(of: #/cursor=([^>]+)>/#)?.1)
        func or(_ count: Int) -> String { "or=(" + (0..<count).map { "id=\($0)" }.joined(separator: ",") + ")" }
        for query in [
            "sort=nope", "sort=title%22--", or(51), or(1100), "limit=0", "limit=1001", "cursor=garbage",
            "cursor=\(cursor)", "sort=-title&cursor=\(cursor)", "sort=title&pages=1&cursor=\(cursor)", "fields=id,id",
            "title.gte=", "title=a&title=b", "title=a&title.eq=a", "limit=1&limit=1", "title=%", "title=%FF", "%zz=1",
            "title=%00", "nope=1", "title.nope=1", "pages=x", "expand=title", "count=yes", "or=(pages)",
        ] {
            let answer = try await client.send(ClientRequest(.get, "/books?\(query)"))
            #expect(answer.status == 400, "\(query): \(answer.text)")
            #expect(answer.headers["Content-Type"] == "application/problem+json")
            #expect(answer.text.contains(#""code":"invalid_parameter""#))
            for word in ["SELECT", "sqlite", "postgres", "Swift", "Batch", "Schema", "Error("] {
                #expect(!answer.text.contains(word), "\(query): \(answer.text)")
            }
        }
        #expect(try await server.terminate() == .exited(0))
    }
}
