import MartletKernel
import MartletModel
import Testing
import UsersModel

@testable import HTTPTransport

/// Routes that can't be served together.
struct RouteConflictTests {
    private struct Input: Model {
        static let schema = Schema(message: "input", build: { Input() })
    }

    private struct ID: Model {
        var id: String
        static let schema = Schema(message: "input", Field("id", \.id), build: ID.init)
    }

    private struct Name: Model {
        var name: String
        static let schema = Schema(message: "input", Field("name", \.name), build: Name.init)
    }

    private static func route(_ method: EndpointDescription.Method, _ path: PathPattern) -> Route {
        switch path.parameters {
        case ["id"]: Route(Endpoint<ID, NoContent>(method, path, "Does")) { _, _ in NoContent() }
        case ["name"]: Route(Endpoint<Name, NoContent>(method, path, "Does")) { _, _ in NoContent() }
        default: Route(Endpoint<Input, NoContent>(method, path, "Does")) { _, _ in NoContent() }
        }
    }

    private static let plugins: [PluginID] = ["routes.number0", "routes.number1", "routes.number2", "routes.number3"]

    /// - Parameter routes: each of another plugin.
    private func conflicts(_ routes: [(EndpointDescription.Method, PathPattern)]) throws -> String? {
        let resources = try [User.schema.resource] + TestResources.all()
        do throws(RouteConflict) {
            try RouteConflicts.check(
                zip(routes, Self.plugins).map { (Self.route($0.0, $0.1), $1) },
                beside: resources.map { ($0, "resources.all") })
            return nil
        } catch {
            return error.description
        }
    }

    private static let compatible: [[(EndpointDescription.Method, PathPattern)]] = [
        // Other methods, other paths, and names beside parameters.
        [(.get, "/a"), (.post, "/a"), (.get, "/a/{id}"), (.get, "/a/b")],
        [(.post, "/users/{id}"), (.get, "/users/{id}/card"), (.get, "/users/{name}/photo"), (.delete, "/users")],
        // No key is so: an integer, a UUID.
        [(.get, "/users/count"), (.get, "/memos/latest"), (.get, "/users/01")],
        // A record's path goes on.
        [(.get, "/pages/a/b"), (.get, "/pages/{id}/c")],
        // Too long for a key.
        [(.get, "/pages/12345678901234567890123456789012345678901")],
    ]

    @Test(arguments: compatible)
    func `routes that differ are served`(_ routes: [(EndpointDescription.Method, PathPattern)]) throws {
        #expect(try conflicts(routes) == nil)
    }

    @Test func `the same method at paths that match the same is refused with both plugins`() throws {
        #expect(
            try conflicts([(.get, "/a/{id}"), (.get, "/a/{id}")])
                == "routes.number0 and routes.number1 both serve GET /a/{id}")
        #expect(
            try conflicts([(.get, "/users")]) == "resources.all and routes.number0 both serve GET /users")
        #expect(
            try conflicts([(.patch, "/users/{id}")])
                == "resources.all and routes.number0 both serve PATCH /users/{id}")
    }

    @Test func `paths that differ in their parameters' names alone are refused`() throws {
        #expect(
            try conflicts([(.get, "/a/{id}"), (.put, "/a/{name}")])
                == "routes.number0 serves /a/{id}, which routes.number1 calls /a/{name}: name the parameters the same")
        #expect(
            try conflicts([(.post, "/users/{name}")])
                == "resources.all serves /users/{id}, which routes.number0 calls /users/{name}: name the parameters the same"
        )
    }

    @Test(
        arguments: ["/health", "/health/deep", "/docs/x", "/openapi.json", "/batch", "/admin/users"] as [PathPattern])
    func `the server's own paths are refused`(_ path: PathPattern) throws {
        let name = path.description.split(separator: "/")[0]
        #expect(
            try conflicts([(.put, path)])
                == "routes.number0 serves PUT \(path), but paths that begin with /\(name) are the server's own")
    }

    @Test func `what is streamed has a media type`() throws {
        for type in [
            "text/csv", "application/vnd.x+json; charset=utf-8", "", "text", "text/", "a/b/c", "text/csv\r\nX: y",
        ] {
            let route = Route(Endpoint<Input, NoContent>(.get, "/a", "Does"), streaming: type) { _, _ in
                AsyncStream<[UInt8]> { $0.finish() }
            }
            let isType = type.hasPrefix("text/csv") && !type.contains("X") || type.hasPrefix("application/")
            do throws(RouteConflict) {
                try RouteConflicts.check([(route, Self.plugins[0])], beside: [])
                #expect(isType, "\(type)")
            } catch {
                #expect(!isType && error.description.hasPrefix("routes.number0 streams "), "\(error)")
            }
        }
    }

    @Test func `a path that begins with a parameter is refused`() throws {
        #expect(
            try conflicts([(.get, "/{id}/x")])?.hasPrefix("routes.number0 serves GET /{id}/x, which begins") == true)
    }

    @Test(arguments: ["/pages/count", "/users/1", "/memos/0198c0de-0000-7000-8000-00000000abcd"] as [PathPattern])
    func `a path that would hide a record is refused, whatever its method`(_ path: PathPattern) throws {
        let resource = path.description.split(separator: "/")[0]
        for method in [EndpointDescription.Method.get, .post] {
            #expect(
                try conflicts([(method, path)])
                    == "routes.number0 serves \(method.rawValue) \(path), which would hide a record of \(resource), "
                    + "of resources.all, with this key")
        }
    }

    @Test func `all conflicts are told at once`() throws {
        let text = try #require(try conflicts([(.get, "/users"), (.get, "/health"), (.get, "/pages/a")]))
        #expect(text.split(separator: ";").count == 3)
    }
}
