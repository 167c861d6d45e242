import MartletKernel
import MartletModel
import Testing

@testable import HTTPTransport

/// What lists answer to who filters, sorts, chooses fields, counts and expands.
struct ListTests {
    static let filters: [(query: String, ids: [Int])] = [
        ("", [1, 2, 3, 4]), ("name=b", [2]), ("name.eq=B", [3]), ("name.ne=b", [1, 3, 4]), ("name=", []),
        ("amount=2", [2, 4]), ("amount=2.0e0", [2, 4]), ("amount.ne=2", [1]), ("amount.lt=2", [1]),
        ("amount.lte=2", [1, 2, 4]), ("amount.gt=1", [2, 4]), ("amount.gte=1&amount.lt=2", [1]),
        ("amount.in=1,3", [1]), ("amount.null=true", [3]), ("amount.null=false", [1, 2, 4]),
        ("name.in=b,B", [2, 3]), (#"name.in=a\,b\*,b"#, [1, 2]), ("name.like=b*", [2]), ("name.ilike=b*", [2, 3]),
        (#"name.like=*b\*"#, [1]), ("name=a,b*", [1]), ("name=%61%2Cb*", [1]), ("name.like=*%28*", [4]),
        ("ratio=0.5", [1]), ("isActive=false", [2]), ("day=2026-01-01", [1]), ("day.gte=2026-01-02", []),
        ("token=00000000-0000-4000-8000-000000000001", [3]), ("madeAt=2026-01-01T01:00:00%2B01:00", [4]),
        ("madeAt.lt=2027-01-01T00:00:00Z", [4]), ("data=AQ==", [2]), ("color=green", [1]),
        ("color.ne=green", [2, 3, 4]),
        ("shade.null=true", [1, 2, 4]), ("extra.null=false", [2]), ("owner.in=1,2", [1, 2]),
        ("id.gt=1&id.lt=4", [2, 3]),
        ("or=(amount.lt=2,name=B)", [1, 3]), ("or=(name=B)", [3]), ("or=(amount.lt=2,name=B)&id.gt=1", [3]),
        (#"or=(name=a\,b*,name=b)"#, [1, 2]), (#"or=(name.in=a\\\,b\\*\,b,name=B)"#, [1, 2, 3]),
        (#"or=(name.like=*\*,amount.null=true)"#, [1, 3]), ("or=(name=(c))", [4]),
        ("or=%28name=b%2Cname=B%29", [2, 3]),
        ("or=(amount=1,amount=2)", [1, 2, 4]),
    ]

    @Test func `filters leave the records that they mean`() async throws {
        try await TestServer.run { server throws in
            try server.fill()
            for (query, ids) in Self.filters {
                #expect(try server.list("/gadgets?\(query)") == ids.map(String.init), "\(query)")
            }
        }
    }

    @Test(arguments: [
        ("name", [4, 3, 1, 2]), ("-name", [2, 1, 3, 4]), ("amount,-name", [3, 1, 2, 4]),
        ("-amount,name", [4, 2, 1, 3]),
        ("-id", [4, 3, 2, 1]), ("isActive", [2, 1, 3, 4]), ("-color", [4, 3, 2, 1]), ("token,day,data", [4, 2, 1, 3]),
    ])
    func `an order is total, and pages of any size follow it`(sort: String, ids: [Int]) async throws {
        try await TestServer.run { server throws in
            try server.fill()
            #expect(try server.list("/gadgets?sort=\(sort)") == ids.map(String.init))
            for limit in 1...3 {
                var (target, found) = (String?.some("/gadgets?sort=\(sort)&limit=\(limit)"), [String]())
                while let page = target {
                    let answer = try server.answer(to: Requests.get(page))
                    found += answer.json?.array?.compactMap { $0["id"]?.integer.map(String.init) } ?? []
                    target = answer.next
                }
                #expect(found == ids.map(String.init), "by \(limit)")
            }
        }
    }

    @Test(arguments: [
        ("fields=id", #"{"id":1}"#), ("fields=name,id", #"{"id":1,"name":"Ada"}"#),
        ("fields=_version", #"{"_version":1}"#),
        ("fields=_version,email", #"{"email":"ada@example.org","_version":1}"#),
        ("fields=*", #"{"id":1,"name":"Ada","email":"ada@example.org"}"#),
        ("fields=*,_version", #"{"id":1,"name":"Ada","email":"ada@example.org","_version":1}"#),
    ])
    func `fields are those that are asked for, in the schema's order`(query: String, first: String) async throws {
        try await TestServer.run { server throws in
            try server.fill()
            for sort in ["", "&sort=-email"] {
                let answer = try server.answer(to: Requests.get("/users?\(query)&limit=1&name=Ada\(sort)"))
                #expect(answer.status == 200)
                #expect(answer.body == "[\(first)]")
            }
        }
    }

    @Test func `lists are as the READMEs show them`() async throws {
        try await TestServer.run { server throws in
            try server.fill()
            for or in ["or=(id.lt=10,id.gt=90)", "or=(id.lt=10,email=ada@example.org)"] {
                let target = "/users?name.like=A*&\(or)&sort=-name&fields=id,name"
                #expect(try server.answer(to: Requests.get(target)).body == #"[{"id":1,"name":"Ada"}]"#)
            }
            let first = try server.answer(to: Requests.get("/users?sort=name&limit=1&count=true"))
            #expect(first["X-Total-Count"] == "2")
            #expect(first.next?.hasPrefix("/users?sort=name&limit=1&count=true&cursor=A") == true)
        }
    }

    @Test func `a count is that of all pages, and made only when asked for`() async throws {
        try await TestServer.run { server throws in
            try server.fill()
            let counts = [
                ("limit=1&count=true", "4"), ("count=true", "4"), ("amount=2&limit=1&count=true", "2"),
                ("name=x&count=true", "0"), ("count=false", nil), ("limit=1", nil),
            ]
            for (query, count) in counts {
                let answer = try server.answer(to: Requests.get("/gadgets?\(query)"))
                #expect(answer.status == 200)
                #expect(answer["X-Total-Count"] == count, "\(query)")
                let head = try server.answer(to: Requests.bare("HEAD", "/gadgets?\(query)"))
                #expect(head["X-Total-Count"] == count)
                #expect(head["Content-Length"] == answer["Content-Length"])
                #expect(head["Link"] == answer["Link"])
            }
            let first = try server.answer(to: Requests.get("/gadgets?limit=3&count=true"))
            let second = try server.answer(to: Requests.get(try #require(first.next)))
            #expect(second["X-Total-Count"] == "4" && second["Link"] == nil)
        }
    }

    @Test func `references are expanded, two levels deep, also where they are no field that was asked for`()
        async throws
    {
        try await TestServer.run { server throws in
            try server.fill()
            let gadgets = try server.answer(to: Requests.get("/gadgets?fields=id&expand=owner&id.lte=3"))
            #expect(
                gadgets.body == #"[{"id":1,"owner":{"id":2,"name":"Bea","email":"bea@example.org"}},"#
                    + #"{"id":2,"owner":{"id":1,"name":"Ada","email":"ada@example.org"}},{"id":3,"owner":null}]"#)
            #expect(gadgets["ETag"] == nil)
            let page = try server.answer(to: Requests.get("/pages/c?expand=parent.parent"))
            let parent = page.json?["parent"]
            #expect(parent?["slug"]?.string == "b" && parent?["parent"]?["slug"]?.string == "a")
            #expect(parent?["parent"]?["parent"] == .null)
            #expect(page.status == 200 && page["ETag"] == nil)
            #expect(try server.answer(to: Requests.get("/pages/c"))["ETag"] != nil)
            #expect(try server.answer(to: Requests.get("/pages/x?expand=parent")).status == 404)
            let head = try server.answer(to: Requests.bare("HEAD", "/pages/c?expand=parent.parent"))
            #expect(head.status == 200 && head["Content-Length"] == page["Content-Length"])
        }
    }

    @Test func `a field that has an option's name is filtered by an operator`() async throws {
        let schema = try ResourceSchema(
            "things",
            [
                FieldSchema("id", .integer, [.key(.generated)]), FieldSchema("limit", .integer),
                FieldSchema("sort", .string),
            ])
        let query = ListQuery.read("limit=5&limit.eq=7&sort=-sort&sort.eq=x&or=(limit=1,sort=y)", of: schema)
        #expect(query.errors.isEmpty)
        #expect(query.request.limit == 5)
        #expect(query.request.sort == [SortTerm(2, isDescending: true)])
        #expect(query.request.filter.clauses.map { $0.map(\.column) } == [[1], [2], [1, 2]])
    }

    @Test func `a list is known to logs by its method and route`() {
        #expect(ListQuery.read("limit=1").request.origin == "GET /users")
        let resource = ServedResource(ListQuery.users, basePath: "/api")
        #expect(resource.origin(ofList: .head) == "HEAD /api/users")
        #expect(resource.origin(ofList: .get) == "GET /api/users")
    }

    @Test
    func
        `what a database that was changed doesn't take any more is 503 with the reason, but without the database's words`()
        async throws
    {
        try await TestServer.run { server throws in
            server.storage.fail(with: .outdated("column \"x\" does not exist"))
            let answer = try server.answer(to: Requests.get("/users"))
            #expect(answer.status == 503 && answer.problemCode == "unavailable" && answer["Retry-After"] == "1")
            #expect(
                answer.body.contains("others have changed its tables") && !answer.body.contains("does not exist")
            )
        }
    }

    @Test func `a list that takes too long is 503, and says if an index is what it lacks`() async throws {
        try await TestServer.run { server throws in
            server.storage.fail(with: .deadlineExceeded)
            for (query, lacksIndex) in [("?sort=email", true), ("?sort=name", false), ("", false)] {
                let answer = try server.answer(to: Requests.get("/users\(query)"))
                #expect(answer.status == 503 && answer.problemCode == "overloaded" && answer["Retry-After"] == "1")
                #expect(answer.body.contains("no index serves") == lacksIndex)
            }
        }
    }
}
