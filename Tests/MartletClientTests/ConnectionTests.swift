import Foundation
import MartletClient
import Testing

/// What becomes of a request when the network or the server doesn't do its part.
@Suite struct ConnectionTests {
    @Test func `A port that nobody listens on refuses, and nothing was sent`() async throws {
        let client = try MartletClient("http://127.0.0.1:\(TestServer.closedPort())")
        let error = await client.failure(ClientRequest(.post, "/users", body: []))
        guard case .connection(let failure) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(failure.reason == .refused)
        #expect(!failure.mayHaveTakenEffect)
    }

    @Test(arguments: [(HTTPMethod.get, false), (.head, false), (.post, true), (.put, true), (.delete, true)])
    func `A connection that ends within the header fields is lost, though libcurl takes them for whole`(
        _ method: HTTPMethod, _ mayHaveTakenEffect: Bool
    ) async throws {
        let server = try TestServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nContent-Le")
        }
        defer { server.stop() }
        let client = try MartletClient(server.url)
        let error = await client.failure(ClientRequest(method, "/users"))
        guard case .connection(let failure) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(failure.reason == .lost)
        #expect(failure.mayHaveTakenEffect == mayHaveTakenEffect)
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA\r\nhalf",
        "",
    ])
    func `An answer that is cut off is none`(_ bytes: String) async throws {
        let server = try TestServer { connection in
            _ = connection.readRequest()
            connection.send(bytes)
        }
        defer { server.stop() }
        let client = try MartletClient(server.url)
        let error = await client.failure(ClientRequest(.get, "/"))
        #expect(error?.connectionReason == .lost, "\(String(describing: error))")
    }

    @Test(arguments: ["garbage\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "\u{0}\u{1}\u{2}\u{3}", "HTTP/1.1 abc\r\n\r\n"])
    func `Bytes that are no HTTP are told apart from a lost connection`(_ bytes: String) async throws {
        let server = try TestServer { connection in
            _ = connection.readRequest()
            connection.send(bytes)
        }
        defer { server.stop() }
        let client = try MartletClient(server.url)
        let error = await client.failure(ClientRequest(.get, "/"))
        #expect(error?.connectionReason == .malformedAnswer, "\(String(describing: error))")
    }

    @Test func `Endless header fields are cut off`() async throws {
        let ended = Signal()
        let server = try TestServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\n")
            while connection.send(Array("X-More: and more and more\r\n".utf8)) {}
            ended.fire()
        }
        defer { server.stop() }
        let client = try MartletClient(server.url)
        let error = await client.failure(ClientRequest(.get, "/"))
        #expect(error?.connectionReason == .malformedAnswer, "\(String(describing: error))")
        await ended.wait()
    }

    @Test func `Sequential requests share one connection`() async throws {
        let server = try TestServer { request in answer("200 OK", request.target) }
        defer { server.stop() }
        let client = try MartletClient(server.url)
        for number in 1...20 {
            let response = try await client.send(ClientRequest(.get, "/\(number)"))
            #expect(response.text == "GET /\(number)")
        }
        #expect(server.connectionCount == 1)
    }

    @Test func `200 requests at once are all answered, over no more connections than allowed`() async throws {
        let server = try TestServer { request in answer("200 OK", request.target) }
        defer { server.stop() }
        let client = try MartletClient.client(server.url) { $0.maxConnections = 8 }
        let texts = try await withThrowingTaskGroup(of: (Int, String).self) { group in
            for number in 0..<200 {
                group.addTask { (number, try await client.send(ClientRequest(.get, "/\(number)")).text) }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(texts == Dictionary(uniqueKeysWithValues: (0..<200).map { ($0, "GET /\($0)") }))
        #expect((1...8).contains(server.connectionCount))
    }

    @Test func `A Unix socket carries requests`() async throws {
        let path = "/tmp/martlet-client-\(UInt64.random(in: 0 ... .max)).sock"
        defer { remove(path) }
        let server = try TestServer(unixSocket: path) { connection in
            while let request = connection.readRequest() { connection.send(answer("200 OK", request.target)) }
        }
        defer { server.stop() }
        let client = try MartletClient.client(server.url) { $0.unixSocket = path }
        #expect(try await client.send(ClientRequest(.get, "/users")).text == "GET /users")
        #expect(server.requests.first?["Host"] == "martlet.test")
    }
}
