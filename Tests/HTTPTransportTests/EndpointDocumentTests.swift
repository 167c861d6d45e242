import MartletKernel
import MartletModel
import Testing
import UsersModel

@testable import HTTPTransport

/// What the OpenAPI document and `martlet routes` say of plugins' endpoints. That it is OpenAPI, `scripts/test` has a
/// validator say of Bookshop's.
struct EndpointDocumentTests {
    private let interface: HTTPInterface
    private let paths: JSONValue

    init() throws {
        let resources = try [User.schema.resource] + TestResources.all()
        interface = HTTPInterface(resources, TestRoutes.all + Self.similar, basePath: "/api")
        paths = try #require(interface.document["paths"])
    }

    /// Their ids would be the same.
    private static let similar = ["/a-b", "/a.b", "/a/b"].map { path in
        Route(Endpoint<TestRoutes.Nothing, NoContent>(.get, PathPattern(path), "Does nothing")) { _, _ in NoContent() }
    }

    @Test func `every listed route is described`() throws {
        let listings = interface.listings(basePath: "")
        #expect(
            listings.contains { $0.method == "POST" && $0.path == "/users/{id}/notes" && $0.summary == "Adds a note" })
        #expect(listings.filter { $0.path == "/users/{id}/card" }.map(\.method) == ["GET", "DELETE"])
        for listing in listings { #expect(paths[listing.path]?[listing.method.lowercased()] != nil, "\(listing)") }
        #expect(interface.listings(basePath: "/api").contains { $0.path == "/api/users/count" })
    }

    @Test func `each operation has an id of its own`() throws {
        let operations = try #require(paths.members).flatMap { $0.value.members ?? [] }
        let ids = operations.compactMap { $0.value["operationId"]?.string }
        #expect(Set(ids).count == ids.count)
        #expect(ids.contains("post_users_id_notes"))
        #expect(["get_a_b", "get_a_b_2", "get_a_b_3"].allSatisfy(ids.contains))
    }

    @Test func `parameters are where the endpoint takes them from`() throws {
        let parameters = try #require(paths["/users/{id}/card"]?["get"]?["parameters"]?.array)
        let texts = parameters.map { parameter in
            let isRequired = parameter["required"] == true
            return "\(parameter["in"]?.string ?? "") \(parameter["name"]?.string ?? "")\(isRequired ? "!" : "")"
        }
        #expect(
            texts == ["path id!", "query style", "query copies!", "query since", "query token", "header X-Tenant!"])
        #expect(parameters[0]["schema"]?["maximum"] == 1000)
        #expect(
            parameters[1]["schema"]?["enum"] == ["plain", "gilt"] && parameters[1]["schema"]?["default"] == "plain")
        // A parameter is left out rather than null.
        #expect(parameters[3]["schema"]?["type"] == "string")
    }

    @Test func `the body has the fields that come from it`() throws {
        let operation = try #require(paths["/users/{id}/notes"]?["post"])
        let schema = operation["requestBody"]?["content"]?["application/json"]?["schema"]
        #expect(schema?["properties"]?.members?.map(\.name) == ["text", "isPinned", "kind", "extra"])
        #expect(schema?["required"] == ["text"] && schema?["additionalProperties"] == false)
        let names = operation["parameters"]?.array?.compactMap { $0["name"]?.string }
        #expect(names == ["id", "X-Priority", "Idempotency-Key"])
        #expect(paths["/users/{id}/card"]?["delete"]?["requestBody"] == nil)
    }

    @Test func `the answer is the output, or nothing`() throws {
        let output = paths["/users/count"]?["get"]?["responses"]?["200"]?["content"]?["application/json"]?["schema"]
        #expect(output?["required"] == ["count"])
        let responses = try #require(paths["/users/{id}/card"]?["delete"]?["responses"])
        #expect(responses["204"] != nil && responses["204"]?["content"] == nil && responses["200"] == nil)
    }

    @Test func `a method at a resource's path has parameters of its own`() throws {
        let greet = Route(Endpoint<TestRoutes.UserID, NoContent>(.post, "/users/{id}", "Greets")) { _, _ in NoContent()
        }
        let item = try HTTPInterface([User.schema.resource], [greet]).document["paths"]?["/users/{id}"]
        #expect(item?["get"] != nil)
        let parameter = try #require(item?["post"]?["parameters"]?.array?.first)
        #expect(parameter["name"] == "id" && parameter["schema"]?["maximum"] == 1000)
    }
}
