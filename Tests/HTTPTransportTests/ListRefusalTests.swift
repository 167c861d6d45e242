import MartletKernel
import MartletModel
import Testing

@testable import HTTPTransport

/// Lists that are not answered: 400, with every mistake at its parameter.
struct ListRefusalTests {
    static let refused: [(query: String, errors: [String])] = [
        ("limit=0", ["limit: must be an integer from 1 to 1000"]),
        ("limit=1001", ["limit: must be an integer from 1 to 1000"]),
        ("limit=05", ["limit: must be an integer from 1 to 1000"]),
        ("limit=ten", ["limit: must be an integer from 1 to 1000"]),
        ("limit=-1", ["limit: must be an integer from 1 to 1000"]),
        ("limit=1.0", ["limit: must be an integer from 1 to 1000"]),
        ("limit=+1", ["limit: must be an integer from 1 to 1000; a + in a query is a space"]),
        ("limit=99999999999999999999", ["limit: must be an integer from 1 to 1000"]),
        ("limit", ["limit: must be an integer from 1 to 1000"]),
        ("limit=%FF", ["limit: is not valid percent-encoded UTF-8: a % itself is %25"]),
        ("limit=%1", ["limit: is not valid percent-encoded UTF-8: a % itself is %25"]),
        ("name=%", ["name: is not valid percent-encoded UTF-8: a % itself is %25"]),
        ("name=%C3%28", ["name: is not valid percent-encoded UTF-8: a % itself is %25"]),
        ("%ZZ=1", ["%ZZ: is not valid percent-encoded UTF-8: a % itself is %25"]),
        ("limit=1&limit=1", ["limit: is given more than once"]),
        ("limit=1&li%6Dit=1", ["limit: is given more than once"]),
        ("name=a&name=a", ["name: is given more than once"]),
        ("name=a&name.eq=b", ["name.eq: is given more than once"]),
        ("name.like=a&name.like=b", ["name.like: is given more than once"]),
        ("or=(id=1)&or=(id=2)", ["or: is given more than once"]),
        ("&", [unknown(""), unknown("")]), ("=", [unknown("")]), ("offset=1", [pages("offset")]),
        ("Name=a", [meant("Name", "name")]), ("name%00=a", [meant("name\0", "name")]),
        ("_version=1", [unknown("_version")]), ("emial=a", [meant("emial", "email")]),
        ("limt=1", [meant("limt", "limit")]),
        ("page=2", [pages("page")]), ("per_page=2", [pages("per_page")]), ("$skip=2", [pages("$skip")]),
        ("orderBy=id", [orders("orderBy")]), ("sort_by=id", [orders("sort_by")]),
        ("id[gt]=5", [write("id[gt]", "id.gt")]), ("id__gt=5", [write("id__gt", "id.gt")]),
        ("id>5", [write("id>5", "id.gt")]),
        ("id>=5", [write("id>", "id.gte")]), ("id%3C=5", [write("id<", "id.lte")]), ("id!=5", [write("id!", "id.ne")]),
        ("filter[name]=a", [write("filter[name]", "name")]), ("name[like]=a", [write("name[like]", "name.like")]),
        ("name:in=a", [write("name:in", "name.in")]), ("name__icontains=a", [write("name__icontains", "name.ilike")]),
        ("id__like=5", [unknown("id__like")]),
        ("name.=a", [operators("name.")]), ("name.foo=a", [operators("name.foo")]),
        ("name.EQ=a", [operators("name.EQ") + "; did you mean name.eq?"]),
        ("name.contains=a", [operators("name.contains") + "; did you mean name.like?"]),
        ("id=1+2", ["id: must be an integer\(plus)"]),
        ("email=ada+x@example.org", ["email: no e-mail address has a space\(plus)"]),
        ("or=(id=1,id=+2)", [#"or: term 2, "id": must be an integer\#(plus)"#]),
        ("name.eq.eq=a", [operators("name.eq.eq")]), ("name.like.=a", [operators("name.like.")]),
        ("id=x", ["id: must be an integer"]), ("id=", ["id: needs a value"]), ("id.gte", ["id.gte: needs a value"]),
        ("id.in=1,", ["id.in: value 2 must be an integer"]),
        ("id.in=1,x,3,y", ["id.in: value 2 must be an integer, value 4 must be an integer"]),
        ("id.null=1", ["id.null: must be true or false"]),
        ("email.gte=", ["email.gte: needs a value"]), ("name=%00", ["name: must not contain U+0000"]),
        (#"name.like=\a"#, [#"name.like: must not have a \ before anything but , * and \"#]),
        (#"name.in=a\"#, [#"name.in: must not have a \ before anything but , * and \"#]),
        ("sort=nope", [#"sort: names "nope", by which nothing is sorted: known are id, name, email"#]),
        (
            #"sort=name"--"#,
            [##"sort: names "name\"--", by which nothing is sorted: known are id, name, email"##]
        ),
        ("sort=", [#"sort: names "", by which nothing is sorted: known are id, name, email"#]),
        ("sort=name,-name", ["sort: names name twice"]), ("sort=id,id", ["sort: names id twice"]),
        ("sort=--id", [#"sort: names "--id", by which nothing is sorted: known are id, name, email"#]),
        ("sort=+id", [#"sort: names " id", by which nothing is sorted: write sort=id; a + in a query is a space"#]),
        ("sort=name:desc", [#"sort: names "name:desc", by which nothing is sorted: write sort=-name"#]),
        ("sort=name%20desc", [#"sort: names "name desc", by which nothing is sorted: write sort=-name"#]),
        (
            "sort=name+asc",
            [#"sort: names "name asc", by which nothing is sorted: write sort=name; a + in a query is a space"#]
        ),
        ("sort=desc(name)", [#"sort: names "desc(name)", by which nothing is sorted: write sort=-name"#]),
        ("sort=id,name,email,id,id,id,id,id,id", ["sort: must have at most 8 fields"]),
        ("fields=id,id", [#"fields: names "id" twice, or what * has already"#]),
        ("fields=*,id", [#"fields: names "id" twice, or what * has already"#]),
        ("fields=*,*", [#"fields: names "*" twice, or what * has already"#]),
        ("fields=_version,_version", [#"fields: names "_version" twice, or what * has already"#]),
        ("fields=", [#"fields: names "", which is no field: known are id, name, email, *, _version"#]),
        ("fields=nope", [#"fields: names "nope", which is no field: known are id, name, email, *, _version"#]),
        ("count=1", ["count: must be true or false"]), ("count=", ["count: must be true or false"]),
        ("expand=name", ["expand: name is no reference of users: there are none"]),
        ("expand=", ["expand: an empty name is no reference of users: there are none"]),
        ("cursor=", [cursor]), ("cursor=garbage", [cursor]), ("cursor=AAAA", [cursor]), ("cursor=%00", [cursor]),
        ("or=", [parentheses]), ("or=()", [parentheses]), ("or=id=1", [parentheses]), ("or=(id=1", [parentheses]),
        ("or=)", [parentheses]), ("or=(", [parentheses]),
        ("or=(id)", [#"or: term 1, "id": must be a filter, such as age.lt=18"#]),
        ("or=(id=1,)", [#"or: term 2, "": must be a filter, such as age.lt=18"#]),
        ("or=(id=1,id.lt=x)", [#"or: term 2, "id.lt": must be an integer"#]),
        ("or=(id=1,(id=2))", [#"or: term 2, "(id": is not a filter here: did you mean id?"#]),
        ("or=(id=1,limit=3)", [alone(2, "limit")]), ("or=(or=(id=1))", [alone(1, "or")]),
        ("or=(sort=id,fields=id)", [alone(1, "sort"), alone(2, "fields")]),
        ("or=(cursor=x,count=true,expand=a)", [alone(1, "cursor"), alone(2, "count"), alone(3, "expand")]),
        ("or=(limt=1)", [noFilter("limt")]), ("or=(page=2)", [noFilter("page")]),
        ("or=(limit.eq=1)", [noFilter("limit.eq")]),
        ("or=(id__gt=5)", [#"or: term 1, "id__gt": is not a filter here: write id.gt=…"#]),
        (
            "limit=0&nope=1&sort=x&id=y&count=2",
            [
                "limit: must be an integer from 1 to 1000", unknown("nope"),
                #"sort: names "x", by which nothing is sorted: known are id, name, email"#, "id: must be an integer",
                "count: must be true or false",
            ]
        ),
    ]

    private static let cursor = "cursor: is not one of this list, as it is filtered and sorted"
    private static let parentheses = "or: must be filters in parentheses, such as (age.lt=18,age.gt=65)"

    private static func unknown(_ name: String) -> String {
        "\(name): is not a parameter here: known are limit, cursor, sort, fields, expand, count, or, "
            + "and to filter by id, name, email"
    }

    private static func alone(_ term: Int, _ name: String) -> String {
        #"or: term \#(term), "\#(name)": can't stand within or=(…), which takes filters alone"#
    }

    private static func noFilter(_ name: String) -> String {
        #"or: term 1, "\#(name)": is not a filter here: known are id, name, email"#
    }

    private static func meant(_ name: String, _ other: String) -> String {
        "\(name): is not a parameter here: did you mean \(other)?"
    }

    private static func write(_ name: String, _ filter: String) -> String {
        "\(name): is not a parameter here: write \(filter)=…"
    }

    private static func pages(_ name: String) -> String {
        "\(name): is not a parameter here: pages have no numbers; limit=… sets their size, and cursor=… comes from the "
            + "page before (Link, rel=\"next\")"
    }

    private static func orders(_ name: String) -> String {
        "\(name): is not a parameter here: lists are sorted by sort=name, or sort=-name for the reverse"
    }

    private static let plus = "; a + in a query is a space: write %2B for a plus sign"

    private static func operators(_ name: String) -> String {
        "\(name): is no filter of name: known are name.eq, name.ne, name.lt, name.lte, name.gt, name.gte, name.in, "
            + "name.like, name.ilike, name.null"
    }

    @Test func `every mistake is told at its parameter`() async throws {
        try await TestServer.run { server throws in
            for (query, errors) in Self.refused {
                let answer = try server.answer(to: Requests.get("/users?\(query)"))
                #expect(answer.status == 400, "\(query)")
                #expect(answer.problemCode == "invalid_parameter")
                #expect(answer.details == errors, "\(query)")
            }
        }
    }

    @Test func `what is only written is not known, and json is neither sorted nor compared`() throws {
        let gadgets = try TestResources.gadgets()
        for query in ["secret=x", "secret.null=true", "sort=secret", "fields=secret", "or=(secret=x)"] {
            let errors = ListQuery.read(query, of: gadgets).errors
            #expect(errors.count == 1, "\(query)")
            let known = errors[0].detail.split(separator: "known").last ?? ""
            #expect(!known.contains("secret") && known.contains("name"))
        }
        #expect(ListQuery.read("sort=extra", of: gadgets).errors.count == 1)
        let error = ListQuery.read("extra=1", of: gadgets).errors.first
        #expect(error?.detail == "is no filter of extra: known are extra.null")
        #expect(error?.code == .unknownParameter)
    }

    @Test(arguments: [51, 1100])
    func `a list takes fifty filters, however they are spelled`(count: Int) {
        func or(_ count: Int) -> String {
            "or=(" + (0..<count).map { "id=\($0)" }.joined(separator: ",") + ")"
        }
        let tooMany = "is one too many: a list takes 50 filters at the most"
        #expect(ListQuery.read(or(50)).errors.isEmpty)
        #expect(ListQuery.read("id.gt=0&" + or(49)).request.filter.clauses.joined().count == 50)
        let values = { (count: Int) in (0..<count).map(String.init).joined(separator: ",") }
        #expect(ListQuery.read("id.in=\(values(600))&name.in=\(values(400))").errors.isEmpty)
        #expect(
            ListQuery.read("id.in=\(values(600))&name.in=\(values(401))").errors == [
                FieldError(
                    at: .parameter("name.in"), .invalidParameter,
                    "has too many values: all filters together take 1000 of these")
            ])
        #expect(ListQuery.read(or(count)).errors.map(\.detail) == [tooMany])
        #expect(ListQuery.read("id.gt=0&" + or(count - 1)).errors.map(\.location) == [.parameter("or")])
        #expect(ListQuery.read(or(50) + "&id.gt=0").errors.map(\.location) == [.parameter("id.gt")])
        let wide = (0..<count).map { "f\($0)=1" }.joined(separator: "&")
        #expect(ListQuery.read(wide).errors.count == QueryParameters.maxErrors + 1)
        let repeated = Array(repeating: "id.gt=1", count: count).joined(separator: "&")
        #expect(ListQuery.read(repeated).errors.map(\.code).allSatisfy { $0 == .repeatedParameter })
        let terms = (0..<count).map { "f\($0)=1" }.joined(separator: ",")
        #expect(ListQuery.read("or=(\(terms))").errors.count <= QueryParameters.maxErrors + 1)
    }

    @Test func `too many filters are 400 for a server too`() async throws {
        try await TestServer.run { server throws in
            for count in [51, 1100] {
                let terms = (0..<count).map { "id=\($0)" }.joined(separator: ",")
                let answer = try server.answer(to: Requests.get("/users?or=(\(terms))"))
                #expect(answer.status == 400 && answer.problemCode == "invalid_parameter")
                #expect(answer.details == ["or: is one too many: a list takes 50 filters at the most"])
            }
        }
    }
}
