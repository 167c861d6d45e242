import MartletClient
import Testing

/// A kept connection may be closed by the server at the very moment in which the next request is sent.
@Suite struct ResendTests {
    /// Answers the first request of each connection and closes on the bytes of the second.
    private func forgetfulServer() throws -> TestServer {
        try TestServer { connection in
            _ = connection.readRequest()
            connection.send(answer("200 OK", "\(connection.number)"))
            _ = connection.readRequest()
        }
    }

    @Test(arguments: [HTTPMethod.get, .head, .options])
    func `A request that changes nothing is sent again on a new connection`(_ method: HTTPMethod) async throws {
        let server = try forgetfulServer()
        defer { server.stop() }
        let client = try MartletClient(server.url)
        _ = try await client.send(ClientRequest(.get, "/first"))
        let response = try await client.send(ClientRequest(method, "/second"))
        #expect(response.status == 200)
        let arrivals = server.requests.filter { $0.target.hasSuffix("/second") }
        #expect(arrivals.map(\.connection) == [1, 2])
    }

    @Test(arguments: [HTTPMethod.post, .put, .patch, .delete], [nil, "{}"])
    func `A request that changes something reaches the server once`(_ method: HTTPMethod, _ body: String?) async throws
    {
        let server = try forgetfulServer()
        defer { server.stop() }
        let client = try MartletClient(server.url)
        _ = try await client.send(ClientRequest(.get, "/first"))
        let error = await client.failure(ClientRequest(method, "/second", body: body.map { Array($0.utf8) }))
        #expect(error?.connectionReason == .lost, "\(String(describing: error))")
        #expect(error?.mayHaveTakenEffect == true)
        #expect(server.requests.filter { $0.target.hasSuffix("/second") }.count == 1)
        // The next one finds a new connection.
        #expect(try await client.send(ClientRequest(method, "/third")).status == 200)
    }

    @Test func `A connection that was closed before is not used for a write`() async throws {
        let closed = Signal()
        let server = try TestServer { connection in
            _ = connection.readRequest()
            connection.send(answer("200 OK", "\(connection.number)"))
            connection.close()
            closed.fire()
        }
        defer { server.stop() }
        let client = try MartletClient(server.url)
        for number in 1...5 {
            #expect(try await client.send(ClientRequest(.post, "/users", body: [])).text == "\(number)")
            await closed.wait()
        }
    }
}
