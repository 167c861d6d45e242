import FoundationEssentials
import MartletClient
import MartletModel
import Testing

/// Calls of plugins' endpoints.
@Suite struct EndpointTests {
    private enum Tone: String, EnumerationValue { case low, high }

    private struct Search: Model {
        var shelf: String
        var id: UUID
        var tone: Tone
        var since: Timestamp?
        var text: String?
        var weight: Double
        var isOn: Bool
        var data: [UInt8]?
        var tenant: String?
        static let schema = Schema(
            message: "search", Field("shelf", \.shelf), Field("id", \.id), Field("tone", \.tone),
            Field("since", \.since),
            Field("text", \.text), Field("weight", \.weight), Field("isOn", \.isOn), Field("data", \.data),
            Field("tenant", \.tenant), build: Search.init)
    }

    private struct Found: Model, Equatable {
        var count: Int64
        var note: String?
        static let schema = Schema(
            message: "found", Field("count", \.count), Field("note", \.note), build: Found.init)
    }

    private static let found = answer("200 OK", #"{"count":3,"note":null,"later":[1]}"#)
    private static let path: PathPattern = "/shelves/{shelf}/items/{id}"

    private func search(
        shelf: String = "a", since: Timestamp? = nil, text: String? = nil, data: [UInt8]? = nil, tenant: String? = nil
    ) throws -> Search {
        let id = try #require(UUID(uuidString: "0198C0DE-0000-7000-8000-00000000ABCD"))
        return Search(
            shelf: shelf, id: id, tone: .high, since: since, text: text, weight: 1.5, isOn: true, data: data,
            tenant: tenant)
    }

    @Test(arguments: [EndpointDescription.Method.get, .delete])
    func `the input is in the path, the query and header fields`(_ method: EndpointDescription.Method) async throws {
        let server = try TestServer { _ in Self.found }
        defer { server.stop() }
        let client = try MartletClient(server.url + "/api")
        let endpoint = Endpoint<Search, Found>(method, Self.path, "Searches", headerFields: ["tenant": "X-Tenant"])
        let input = try search(shelf: "a/b c%?#é", since: .epoch, text: "a&b=c+d", data: [251, 255], tenant: "north")
        #expect(try await client.call(endpoint, input) == Found(count: 3, note: nil))
        _ = try await client.call(endpoint, search(text: ""))
        let begin = "\(method.rawValue) /api/shelves/"
        let id = "/items/0198c0de-0000-7000-8000-00000000abcd?tone=high"
        #expect(
            server.requests.map(\.target) == [
                "\(begin)a%2Fb%20c%25%3F%23%C3%A9\(id)&since=1970-01-01T00%3A00%3A00.000000Z&text=a%26b%3Dc%2Bd"
                    + "&weight=1.5&isOn=true&data=%2B%2F8%3D",
                // What is nil is left out, what is empty is not.
                "\(begin)a\(id)&text=&weight=1.5&isOn=true",
            ])
        #expect(server.requests.map { $0["X-Tenant"] } == ["north", nil])
        #expect(server.requests.allSatisfy { $0.body.isEmpty && $0["Content-Type"] == nil })
        #expect(server.requests.allSatisfy { ($0["Idempotency-Key"] != nil) == (method == .delete) })
    }

    @Test(arguments: [EndpointDescription.Method.post, .put, .patch])
    func `what is in neither path nor header fields is in the body`(_ method: EndpointDescription.Method) async throws {
        let server = try TestServer { _ in Self.found }
        defer { server.stop() }
        let client = try MartletClient(server.url)
        let endpoint = Endpoint<Search, Found>(method, Self.path, "Searches", headerFields: ["tenant": "X-Tenant"])
        _ = try await client.call(endpoint, search(text: "é", tenant: "t"), idempotencyKey: "order 7")
        let request = try #require(server.requests.first)
        #expect(request.target == "\(method.rawValue) /shelves/a/items/0198c0de-0000-7000-8000-00000000abcd")
        #expect(request.text == #"{"tone":"high","since":null,"text":"é","weight":1.5,"isOn":true,"data":null}"#)
        #expect(request["Content-Type"] == "application/json" && request["X-Tenant"] == "t")
        #expect(request["Idempotency-Key"] == #""order 7""#)
    }

    @Test func `an endpoint without output has no result`() async throws {
        let server = try TestServer { _ in "HTTP/1.1 204 No Content\r\n\r\n" }
        defer { server.stop() }
        let client = try MartletClient(server.url)
        try await client.call(Endpoint<Search, NoContent>(.post, "/do", "Does"), search())
        #expect(server.requests.map(\.target) == ["POST /do"])
    }

    @Test(arguments: ["", ".", ".."])
    func `a value that no path can have sends nothing`(shelf: String) async throws {
        let server = try TestServer { _ in Self.found }
        defer { server.stop() }
        let client = try MartletClient(server.url)
        let endpoint = Endpoint<Search, Found>(.get, Self.path, "Searches")
        let error = await #expect(throws: MartletError.self) { try await client.call(endpoint, search(shelf: shelf)) }
        #expect(error == .invalidRequest("shelf is \"\(shelf)\", which no path can have"))
        #expect(server.requests.isEmpty)
    }

    @Test func `a value that would end its header field sends nothing`() async throws {
        let server = try TestServer { _ in Self.found }
        defer { server.stop() }
        let client = try MartletClient(server.url)
        let endpoint = Endpoint<Search, Found>(.get, Self.path, "Searches", headerFields: ["tenant": "X-Tenant"])
        let error = await #expect(throws: MartletError.self) {
            try await client.call(endpoint, search(tenant: "a\r\nX-Other: b"))
        }
        guard case .invalidRequest = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(server.requests.isEmpty)
    }

    @Test(arguments: [EndpointDescription.Method.get, .post, .put, .patch, .delete])
    func `a call without a result is repeated under the same key`(_ method: EndpointDescription.Method) async throws {
        let server = try TestServer(inOrder: [nil, problem("503 Service Unavailable", "overloaded"), Self.found])
        defer { server.stop() }
        let client = try MartletClient.client(server.url) { $0.retry.firstDelay = .milliseconds(1) }
        let endpoint = Endpoint<Search, Found>(method, Self.path, "Searches")
        #expect(try await client.call(endpoint, search()).count == 3)
        // The engine itself may repeat a read whose connection was lost.
        #expect(server.requests.count >= 3)
        let keys = Set(server.requests.map { $0["Idempotency-Key"] })
        #expect(keys.count == 1)
        #expect((keys.first ?? nil) == nil ? method == .get : method != .get)
    }

    @Test func `a write without a key is not repeated`() async throws {
        let server = try TestServer(inOrder: [problem("503 Service Unavailable", "overloaded"), Self.found])
        defer { server.stop() }
        let client = try MartletClient.client(server.url) { $0.retry.generatesIdempotencyKeys = false }
        let endpoint = Endpoint<Search, Found>(.post, "/do", "Does")
        let error = await #expect(throws: MartletError.self) { try await client.call(endpoint, search()) }
        #expect(error?.problem?.code == .overloaded)
        #expect(server.requests.count == 1 && server.requests[0]["Idempotency-Key"] == nil)
    }

    @Test func `errors are those of any call`() async throws {
        let server = try TestServer(inOrder: [
            problem("422 Unprocessable Content", "validation_failed"), answer("200 OK", #"{"note":"a"}"#),
            answer("201 Created", #"{"count":1,"note":null}"#),
        ])
        defer { server.stop() }
        let client = try MartletClient(server.url)
        let endpoint = Endpoint<Search, Found>(.post, "/do", "Does")
        var errors: [MartletError?] = []
        for _ in 1...3 {
            errors.append(await #expect(throws: MartletError.self) { try await client.call(endpoint, search()) })
        }
        #expect(errors[0]?.problem?.code == .validationFailed)
        #expect(errors[1] == .invalidResponse("count is missing or null", mayHaveTakenEffect: true))
        guard case .unexpected(let unexpected)? = errors[2] else {
            Issue.record("\(String(describing: errors[2]))")
            return
        }
        #expect(unexpected.status == 201 && unexpected.mayHaveTakenEffect)
    }
}
