import MartletKernel
import MartletModel
import Testing
import UsersModel

@testable import HTTPTransport

@Suite struct OpenAPITests {
    private let document = OpenAPIDocument([User.schema.resource], title: "Martlet", basePath: "").json

    @Test func `every route is described, and nothing else`() throws {
        let documentation = Documentation(
            resources: [User.schema.resource], title: "Martlet", basePath: "", assets: "/nonexistent")
        let router = Router(resources: [User.schema.resource], basePath: "", documentation: documentation)
        let served = Set(router.routes.map { "\($0.method) \($0.path)" })
        let described = try #require(document["paths"]?.members).flatMap { path in
            (path.value.members ?? []).filter { $0.name != "parameters" }
                .map { "\($0.name.uppercased()) \(path.name)" }
        }
        // HEAD comes with every GET and OPTIONS with every path: `martlet routes` doesn't list them.
        #expect(served == Set(described.filter { !$0.hasPrefix("HEAD ") && !$0.hasPrefix("OPTIONS ") }))
    }

    @Test func `operation ids are there, each once`() throws {
        let ids = try operations.map { try #require($0.value["operationId"]?.string) }
        #expect(Set(ids).count == ids.count)
        #expect(ids.contains("users_list") && ids.contains("users_create"))
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
            #expect(
                statuses.contains("500") && statuses.contains("503") && statuses.contains { $0 < "300" },
                "\(operation.name)")
        }
    }

    @Test(arguments: [
        ("UsersCreate", WriteKind.create), ("UsersReplace", .replace(.integer(1))), ("UsersPatch", .patch),
    ])
    func `the examples are valid`(_ schema: String, _ kind: WriteKind) throws {
        let example = try #require(document["components"]?["schemas"]?[schema]?["examples"]?.array?.first)
        var writer = JSONWriter()
        writer.write(example)
        try writer.withBytes { text in
            _ = try ValidatedRow(json: text, User.schema.resource, for: kind)
        }
    }

    @Test func `constraints are told as JSON Schema has them`() throws {
        let email = try #require(document["components"]?["schemas"]?["UsersCreate"]?["properties"]?["email"])
        #expect(email["pattern"]?.string?.contains("@") == true)
        let name = document["components"]?["schemas"]?["UsersCreate"]?["properties"]?["name"]
        #expect(name?["minLength"] == 1 && name?["maxLength"] == 200)
        #expect(document["components"]?["schemas"]?["UsersCreate"]?["additionalProperties"] == false)
        let nullable = try OpenAPIResource.schema(FieldSchema("nick", .string, isNullable: true))
        #expect(nullable["type"] == ["string", "null"])
    }

    @Test func `without its assets the page says how to get them`() throws {
        let page = try #require(SwaggerUI(title: "A & <B>", folder: "/nonexistent").page(""))
        let text = String(decoding: page.body, as: UTF8.self)
        #expect(
            text.contains("scripts/fetch-docs-assets") && text.contains("openapi.json")
                && text.contains("A &amp; &lt;B>"))
    }

    private var operations: [JSONValue.Member] {
        (document["paths"]?.members ?? []).flatMap { path in
            (path.value.members ?? []).filter { $0.name != "parameters" }
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
