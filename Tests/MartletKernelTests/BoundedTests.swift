import MartletKernel
import MartletModel
import Testing

/// Which reads an index bounds.
@Suite struct BoundedTests {
    private static let resource: ResourceSchema = {
        do throws(SchemaError) {
            return try ResourceSchema(
                "things",
                [
                    FieldSchema("id", .integer, [.key(.generated)]), FieldSchema("name", .string, [.indexed]),
                    FieldSchema("nick", .string, isNullable: true, [.indexed]),
                    FieldSchema("code", .string, [.unique]),
                    FieldSchema("alias", .string, isNullable: true, [.unique]),
                    FieldSchema("handle", .string, [.unique(ignoringCase: true)]), FieldSchema("note", .string),
                    FieldSchema("owner", .integer, isNullable: true, [.references("things")]),
                    FieldSchema("a", .integer), FieldSchema("b", .integer),
                    FieldSchema("c", .integer, isNullable: true), FieldSchema("kind", .string),
                    FieldSchema("rank", .integer, isNullable: true),
                ], unique: [["a", "b"], ["a", "c"]], indexes: [["kind", "rank"]])
        } catch {
            preconditionFailure("\(error)")
        }
    }()

    @Test(arguments: [
        ("", ""), ("", "-id"), ("id=1", "note"), ("id.in=1,2", "note"), ("id.gt=1", ""), ("id.gt=1&id.lte=9", "-id"),
        ("name=x", ""), ("name=x", "-id"), ("name.in=x", ""), ("name.like=x", ""), ("", "name"), ("", "-name"),
        ("name.gt=a", "name"), ("name.like=A*", "-name"), ("name.null=false", "name"), ("nick.null=true", ""),
        ("", "nick"), ("", "code"), ("code.gt=a", "code,note"), ("code=a", "note"),
        ("code.in=a,b&note.like=x*", "note"), ("code.in=a,b&note.ilike=x*", "note"),
        ("alias=a", "note"), ("handle=a", "note"), ("handle.ilike=A", "note"), ("handle.ilike=A&note=x", "note"),
        ("a=1&b=2", "note"), ("a=1&c=2", "note"), ("a=1", "b"), ("a=1", "-b"), ("", "a,b"), ("a=1&b.gt=2", "b"),
        ("kind=x", "rank"), ("kind=x", "kind,rank"), ("kind=x", "-kind,rank"), ("kind=x&rank=1", ""),
        ("rank=1&kind=x", "-id"), ("kind=x&rank.null=true", "-id"), ("", "kind,rank"), ("", "-kind,-rank"),
        ("kind=x&rank.lt=1", "-rank"), ("owner=1", ""), ("", "owner"),
    ])
    func `is bounded`(_ filter: String, _ sort: String) throws {
        #expect(try query(filter, sort).isBounded)
    }

    @Test(arguments: [
        ("note=x", ""), ("", "note"), ("name=x&note=y", ""), ("name.ne=x", "name"), ("name.gt=a", ""),
        ("name.gt=a", "-id"), ("", "name,-id"), ("", "name,note"), ("name.like=*a", "name"), ("name.like=a*b", "name"),
        ("name.ilike=A*", "name"), ("name.ilike=a", "name"), ("name.in=a,b", "name"), ("nick.null=true", "note"),
        ("nick.null=false", ""), ("", "alias"), ("alias.null=true", ""), ("", "handle"), ("handle.like=A*", "handle"),
        ("handle.ilike=A*", "handle"), ("a=1", ""), ("a=1", "c"), ("b=1", "a"), ("a=1&c.null=true", "b"), ("", "kind"),
        ("kind=x", ""), ("rank=1", "kind"), ("kind.gt=x&rank=1", "kind"), ("", "kind,-rank"), ("kind=x&rank.gt=1", ""),
        ("kind.gt=x&rank.gt=1", "kind,rank"), ("code=a|note=x", "note"), ("id=1|id=2", "note"),
        ("a.in=1,2&b=1", "note"),
    ])
    func `is not bounded`(_ filter: String, _ sort: String) throws {
        #expect(try !query(filter, sort).isBounded)
    }

    @Test(arguments: [
        ("id=1", true), ("code.in=a,b", true), ("handle.ilike=a", true), ("a=1&b=2", true),
        ("id=1&note.like=x*", true), ("id=1&note.like=*x*", false), ("id=1&note.ilike=x*y", false),
        ("", false), ("name=x", false), ("alias.null=true", false), ("handle.ilike=a*", false), ("id.gt=1", false),
        ("a=1", false), ("id=1|id=2", false),
    ])
    func `a count is bounded by what is unique alone`(_ filter: String, _ isBounded: Bool) throws {
        #expect(try Query(Self.resource, .count(self.filter(filter))).isBounded == isBounded)
    }

    @Test func `a record and a page by key are bounded`() {
        #expect(Query(Self.resource, .key(.integer(1))).isBounded)
        #expect(Query(Self.resource, .page(after: nil, limit: 1)).isBounded)
    }

    @Test func `indexes are the key's, those of single fields and those of several`() {
        let indexes = Self.resource.indexes.map { index in
            index.columns.map { Self.resource.fields[$0].name }.joined(separator: "+")
                + (index.isUnique ? " unique" : "") + (index.isIgnoringCase ? " ignoring case" : "")
        }
        #expect(
            indexes == [
                "id unique", "name", "nick", "code unique", "alias unique", "handle unique ignoring case", "owner",
                "a+b unique", "a+c unique", "kind+rank",
            ])
    }

    private func query(_ filter: String, _ sort: String) throws -> Query {
        let terms = try sort.split(separator: ",").map { name in
            SortTerm(try column(name.drop { $0 == "-" }), isDescending: name.hasPrefix("-"))
        }
        let order = Self.resource.totalOrder(terms)
        return Query(Self.resource, .list(Query.List(try self.filter(filter), order: order, limit: 10)))
    }

    /// Terms as a query spells them; `|` stands between those of which one has to hold.
    private func filter(_ text: String) throws -> Filter {
        Filter(
            try text.split(separator: "&").map { clause in
                try clause.split(separator: "|").map { term in
                    let sides = term.split(separator: "=")
                    let name = sides[0].split(separator: ".")
                    let operation = name.count == 1 ? .equal : try #require(FilterOperator(rawValue: String(name[1])))
                    return try FilterTerm(
                        column(name[0]), of: Self.resource, operation, String(sides[1]), parameter: "p")
                }
            })
    }

    private func column(_ name: Substring) throws -> Int {
        try #require(Self.resource.indexByName[String(name)])
    }
}
