import MartletModel
import Testing
import UsersModel

@testable import HTTPTransport

/// The document against the server that it describes, and the page that shows it.
struct DocumentationTests {
    @Test(arguments: ["users", "gadgets", "pages", "memos"])
    func `the examples are valid`(name: String) throws {
        let resources = try [User.schema.resource] + TestResources.all()
        let resource = try #require(resources.first { $0.name == name })
        let document = try HTTPInterface(resources).document
        let key: Key = resource.key.type == .string ? .string("x") : .integer(1)
        let kinds: [(String, WriteKind)] = [
            ("Create", .create), ("Replace", .replace(key, of: resource)), ("Patch", .patch),
        ]
        for (role, kind) in kinds {
            let schema = document["components"]?["schemas"]?[name.prefix(1).uppercased() + name.dropFirst() + role]
            let example = try #require(schema?["examples"]?.array?.first)
            var writer = JSONWriter()
            writer.write(example)
            try writer.withBytes { text in _ = try ValidatedRow(json: text, resource, for: kind) }
        }
    }

    @Test func `an example that nobody can make up is left out`() throws {
        let resource = try ResourceSchema(
            "things",
            [FieldSchema("id", .integer, [.key(.generated)]), FieldSchema("code", .string, [.pattern("^[0-9]{3}$")])])
        let document = try HTTPInterface([resource]).document
        let schemas = try #require(document["components"]?["schemas"])
        #expect(schemas["ThingsCreate"]?["examples"] == nil && schemas["Things"]?["examples"] == nil)
        #expect(schemas["BatchRequest"]?["examples"] == nil)
        #expect(schemas["ThingsPatch"]?["examples"] == [[:]])
    }

    @Test func `the example of a batch can be sent`() async throws {
        try await TestServer.run { server throws in
            let document = try #require(try server.call("GET", "/openapi.json").json)
            let example = try #require(document["components"]?["schemas"]?["BatchRequest"]?["examples"]?.array?.first)
            var writer = JSONWriter()
            writer.write(example)
            let body = writer.withBytes { String(decoding: $0, as: UTF8.self) }
            #expect(try server.call("POST", "/batch", body).status == 200)
        }
    }

    @Test func `without its assets the page says how to get them`() throws {
        let page = SwaggerUI(title: "A & <B>", folder: "/nonexistent").document
        let text = String(decoding: page.body, as: UTF8.self)
        #expect(
            text.contains("scripts/fetch-docs-assets") && text.contains("openapi.json")
                && text.contains("A &amp; &lt;B>"))
    }
}
