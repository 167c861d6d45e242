import MartletKernel
import MartletModel
import Testing
import UsersModel

@testable import HTTPTransport

/// What the document says of the interface. That it is OpenAPI, `scripts/test` has a validator say.
struct OpenAPITests {
    private let resources: [ResourceSchema]
    private let document: JSONValue

    init() throws {
        resources = try [User.schema.resource] + TestResources.all()
        document = try HTTPInterface(resources).document
    }

    @Test func `every route is described, and nothing else`() throws {
        let listings = HTTPInterface(resources).listings(basePath: "")
        let served = Set(listings.map { "\($0.method) \($0.path)" })
        let described = operations.map { "\($0.method.uppercased()) \($0.path)" }
        // HEAD comes with every GET and OPTIONS with every path: `martlet routes` doesn't list them.
        #expect(served == Set(described.filter { !$0.hasPrefix("HEAD ") && !$0.hasPrefix("OPTIONS ") }))
    }

    @Test func `operation ids are there, each once`() throws {
        let ids = try operations.map { try #require($0.value["operationId"]?.string) }
        #expect(Set(ids).count == ids.count)
        #expect(ids.contains("users_list") && ids.contains("users_create") && ids.contains("batch"))
    }

    @Test func `resources with similar names have schemas and operations of their own`() throws {
        let names = ["problem", "a-b", "a_b", "ab", "user", "user-create", "batch-request", "a_head", "a"]
        let fields = try [FieldSchema("id", .integer, [.key(.generated)])]
        let resources = try names.map { try ResourceSchema($0, fields) }
        let json = try HTTPInterface(resources).document
        let schemas = try #require(json["components"]?["schemas"]?.members).map(\.name)
        #expect(Set(schemas).count == schemas.count)
        #expect(
            schemas.count == OpenAPINames.Role.allCases.count * resources.count + 2 + OpenAPIBatch.schemaNames.count)
        #expect(schemas.contains("User") && schemas.contains("problem") && schemas.contains("problem.Create"))
        #expect(schemas.allSatisfy { $0.utf8.allSatisfy { $0.isLetterOrDigit || "._-".utf8.contains($0) } })
        let ids = try Self.operations(of: json).map { try #require($0.value["operationId"]?.string) }
        #expect(Set(ids).count == ids.count)
        let components = Set(["Problem", "FieldError"] + OpenAPIBatch.schemaNames)
        #expect(components.isSubset(of: schemas))
    }

    @Test func `every reference leads somewhere`() throws {
        for target in references(in: document) {
            let found = target.dropFirst(2).split(separator: "/").reduce(document as JSONValue?) { $0?[String($1)] }
            #expect(found != nil, "\(target)")
        }
    }

    @Test func `every operation tells of its problems`() throws {
        for operation in operations {
            let statuses = try #require(operation.value["responses"]?.members).map(\.name)
            #expect(statuses.contains("500") && statuses.contains("503") && statuses.contains { $0 < "300" })
        }
    }

    static let statuses: [(operation: String, statuses: [Int])] = [
        ("users_list", [200, 406]), ("users_headList", [200, 406]), ("users_optionsList", [204]),
        ("users_create", [201, 406, 409, 413, 415, 422, 504, 507]),
        ("users_get", [200, 304, 404, 406, 412]), ("users_head", [200, 304, 404, 406, 412]),
        ("users_replace", [200, 204, 404, 406, 409, 412, 413, 415, 422, 504, 507]),
        ("pages_replace", [200, 201, 204, 404, 406, 409, 412, 413, 415, 422, 504, 507]),
        ("users_update", [200, 204, 404, 406, 409, 412, 413, 415, 422, 504, 507]),
        ("memos_update", [200, 204, 404, 406, 409, 412, 413, 415, 422, 428, 504, 507]),
        ("users_delete", [200, 204, 404, 406, 409, 412, 422, 504, 507]),
        ("memos_delete", [200, 204, 404, 406, 409, 412, 422, 428, 504, 507]),
        ("batch", [200, 404, 406, 409, 412, 413, 415, 422, 428, 504, 507]),
    ]

    @Test(arguments: statuses)
    func `an operation has the answers that it can give`(operation: String, statuses: [Int]) throws {
        let responses = try #require(self.operation(operation)["responses"]?.members).compactMap { Int($0.name) }
        #expect(Set(responses) == Set(statuses + [400, 405, 408, 414, 417, 431, 500, 503]))
    }

    @Test(arguments: [
        ("users_get", ["If-Match", "If-None-Match"]),
        ("users_create", ["Idempotency-Key", "Prefer"]), ("users_delete", ["If-Match", "Idempotency-Key", "Prefer"]),
        ("users_replace", ["If-Match", "Idempotency-Key", "Prefer"]), ("batch", ["Idempotency-Key", "Prefer"]),
        ("pages_replace", ["If-Match", "If-None-Match", "Idempotency-Key", "Prefer"]),
        ("users_update", ["If-Match", "Idempotency-Key", "Prefer"]), ("users_options", ["id"]),
    ])
    func `an operation has the parameters that it takes`(operation: String, names: [String]) throws {
        let parameters = try self.operation(operation)["parameters"]?.array ?? []
        #expect(parameters.map { $0["name"]?.string } == names)
    }

    @Test func `a list has a parameter for each field and operator`() throws {
        let parameters = try #require(operation("users_list")["parameters"]?.array)
        let names = parameters.compactMap { $0["name"]?.string }
        let comparisons = ["", ".ne", ".lt", ".lte", ".gt", ".gte", ".in"]
        let filters = [
            ("id", comparisons + [".null"]), ("name", comparisons + [".like", ".ilike", ".null"]),
            ("email", comparisons + [".like", ".ilike", ".null"]),
        ].flatMap { field, operators in operators.map { field + $0 } }
        #expect(names == ["limit", "cursor", "sort", "fields", "count", "or"] + filters)
        #expect(try operation("users_headList")["parameters"]?.array == parameters)
        func schema(_ name: String) -> JSONValue? { parameters.first { $0["name"]?.string == name }?["schema"] }
        #expect(schema("id.gte")?["type"] == "integer" && schema("name.null")?["type"] == "boolean")
        #expect(schema("sort")?["pattern"] == "^-?(?:id|name|email)(?:,-?(?:id|name|email)){0,7}$")
        #expect(schema("limit")?["maximum"] == 1000)
    }

    @Test
    func `a field that is called as a parameter is filtered by its operator, one that is only written not at all`()
        throws
    {
        let fields = try [
            FieldSchema("id", .integer, [.key(.generated)]), FieldSchema("sort", .string),
            FieldSchema("secret", .string, [.writeOnly]), FieldSchema("extra", .json),
        ]
        let names = OpenAPIListParameters(try ResourceSchema("things", fields), references: []).json.compactMap {
            $0["name"]?.string
        }
        #expect(names.filter { $0 == "sort" }.count == 1 && names.contains("sort.eq") && names.contains("extra.null"))
        #expect(!names.contains { $0.hasPrefix("secret") } && !names.contains("extra") && !names.contains("expand"))
    }

    @Test func `what references lead to can be expanded, and is answered`() throws {
        let authors = try ResourceSchema("authors", [FieldSchema("id", .integer, [.key(.generated)])])
        let books = try ResourceSchema(
            "books",
            [
                FieldSchema("id", .integer, [.key(.generated)]),
                FieldSchema("author", .integer, [.references("authors")]),
                FieldSchema("sequelOf", .integer, isNullable: true, [.references("books")]),
            ])
        let json = try HTTPInterface([authors, books]).document
        for path in ["/books", "/books/{id}"] {
            let parameters = json["paths"]?[path]?["get"]?["parameters"]?.array ?? []
            let expand = try #require(parameters.first { $0["name"]?.string == "expand" })
            let names = "(?:author|sequelOf|sequelOf\\.author|sequelOf\\.sequelOf)"
            #expect(expand["schema"]?["pattern"]?.string == "^\(names)(?:,\(names)){0,3}$")
        }
        let part = json["components"]?["schemas"]?["BooksPart"]?["properties"]
        #expect(part?["author"]?["anyOf"]?.array?.last?["$ref"] == "#/components/schemas/AuthorsPart")
    }

    @Test func `constraints are told as JSON Schema has them`() throws {
        let email = try #require(schema("UsersCreate")["properties"]?["email"])
        #expect(email["pattern"]?.string?.contains("@") == true)
        let name = try schema("UsersCreate")["properties"]?["name"]
        #expect(name?["minLength"] == 1 && name?["maxLength"] == 200)
        #expect(try schema("UsersCreate")["additionalProperties"] == false)
        let gadget = try #require(schema("GadgetsCreate")["properties"])
        #expect(gadget["amount"]?["type"] == ["integer", "null"] && gadget["amount"]?["maximum"] == 1000)
        #expect(gadget["shade"]?["enum"] == ["dark", "light", .null] && gadget["color"]?["default"] == "red")
        #expect(try schema("GadgetsPatch")["properties"]?["color"]?["default"] == nil)
        #expect(gadget["data"]?["minLength"] == 4 && gadget["data"]?["maxLength"] == 24)
        #expect(gadget["extra"]?["type"] == nil && gadget["code"]?["pattern"] == "^[A-Z]{3}$")
        #expect(try schema("PagesCreate")["properties"]?["slug"]?["not"] == ["enum": [".", ".."]])
    }

    @Test func `lengths up to the largest number are told, or left out where base64 has no such length`() throws {
        func data(_ length: ClosedRange<Int>) throws -> JSONValue? {
            let resource = try ResourceSchema(
                "things",
                [FieldSchema("id", .integer, [.key(.generated)]), FieldSchema("data", .bytes, [.length(length)])])
            let schemas = try HTTPInterface([resource]).document["components"]?["schemas"]
            return schemas?["ThingsCreate"]?["properties"]?["data"]
        }
        #expect(try data(0...1 << 30)?["maxLength"]?.integer == 1_431_655_768)
        for length in [0...Int.max - 3, 0...Int.max, (Int.max - 1)...Int.max] {
            let data = try #require(try data(length))
            #expect(data["maxLength"] == nil && (data["minLength"] == nil) == (length.lowerBound == 0))
        }
    }

    @Test func `a field is in the bodies that it can be in`() throws {
        func names(_ schema: String) throws -> [String] {
            try #require(self.schema(schema)["properties"]?.members).map(\.name)
        }
        #expect(try !names("Gadgets").contains("secret"))
        #expect(try schema("GadgetsCreate")["properties"]?["secret"]?["writeOnly"] == true)
        #expect(try schema("Gadgets")["properties"]?["state"]?["readOnly"] == true)
        #expect(try !names("GadgetsCreate").contains("state") && !names("GadgetsPatch").contains("id"))
        // Of any type, since it is ignored; and not read-only, or clients would not send back what they have read.
        #expect(try schema("GadgetsReplace")["properties"]?["state"]?.members?.map(\.name) == ["description"])
        #expect(try schema("GadgetsReplace")["required"] == ["name"])
        #expect(try schema("GadgetsCreate")["required"] == ["name", "secret"])
        #expect(try schema("PagesCreate")["required"] == ["slug", "title"])
        #expect(try schema("PagesReplace")["required"] == ["title"])
        #expect(try !names("PagesPatch").contains("slug") && names("PagesReplace").contains("slug"))
        for role in ["Replace", "Patch"] { #expect(try names("Pages\(role)").last == "_version") }
        #expect(try !names("PagesCreate").contains("_version") && !names("Pages").contains("_version"))
    }

    private func operation(_ id: String) throws -> JSONValue {
        try #require(operations.first { $0.value["operationId"]?.string == id }).value
    }

    private func schema(_ name: String) throws -> JSONValue {
        try #require(document["components"]?["schemas"]?[name])
    }

    private var operations: [(path: String, method: String, value: JSONValue)] { Self.operations(of: document) }

    private static func operations(of document: JSONValue) -> [(path: String, method: String, value: JSONValue)] {
        (document["paths"]?.members ?? []).flatMap { path in
            (path.value.members ?? []).filter { $0.name != "parameters" }.map { (path.name, $0.name, $0.value) }
        }
    }

    private func references(in value: JSONValue) -> [String] {
        switch value {
        case .array(let elements): elements.flatMap(references)
        case .object(let members):
            members.flatMap { member in
                member.name == "$ref" ? [member.value.string ?? ""] : references(in: member.value)
            }
        default: []
        }
    }
}
