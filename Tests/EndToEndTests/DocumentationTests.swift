import Foundation
import MartletClient
import MartletTesting
import Testing

@Suite struct DocumentationTests {
    @Test(arguments: LiveServer.Configuration.all)
    func `a server describes itself, and says that it is ready`(_ configuration: LiveServer.Configuration) async throws
    {
        let server = try await LiveServer(configuration: configuration)
        let client = try MartletClient(server.url)

        let description = try await client.send(ClientRequest(.get, "/openapi.json"))
        #expect(description.status == 200)
        let document = try #require(try JSONSerialization.jsonObject(with: Data(description.body)) as? [String: Any])
        #expect((document["openapi"] as? String)?.hasPrefix("3.1") == true)
        let paths = try #require(document["paths"] as? [String: Any])
        #expect(Set(["/users", "/users/{id}"]).isSubset(of: paths.keys))
        // What the command prints is what the server serves.
        let command = try await Command(["openapi"], in: TemporaryFolder())
        let printed = try #require(try JSONSerialization.jsonObject(with: Data(command.output.utf8)) as? NSDictionary)
        #expect(printed == document as NSDictionary)

        let page = try await client.send(ClientRequest(.get, "/docs"))
        #expect(page.status == 200)
        #expect(page.headers["Content-Type"]?.hasPrefix("text/html") == true)

        for path in ["/health/live", "/health/ready"] {
            #expect(try await client.send(ClientRequest(.get, path)).status == 200, "\(path)")
        }
    }
}
