import MartletClient
import Testing

/// What is sent, and how an answer is read, byte for byte.
@Suite struct AnswerTests {
    @Test(arguments: HTTPMethod.allCases)
    func `Every method reaches the server with its path, headers and body`(_ method: HTTPMethod) async throws {
        let server = try TestServer { _ in "HTTP/1.1 204 No Content\r\n\r\n" }
        defer { server.stop() }
        let client = try MartletClient.client(server.url + "/api/") {
            $0.headers = ["X-Client": "a", "X-Both": "client"]
        }
        let body = method.isSafe ? nil : Array("{}".utf8)
        let request = ClientRequest(
            method, "/users/../1?a=%20b", headers: ["x-both": "request", "X-Empty": ""], body: body)
        let response = try await client.send(request)
        #expect(response.status == 204)
        let sent = try #require(server.requests.first)
        #expect(sent.line == "\(method.rawValue) /api/users/../1?a=%20b HTTP/1.1")
        #expect(sent["X-Client"] == "a")
        #expect(sent["X-Both"] == "request")
        #expect(sent["X-Empty"] == "")
        #expect(sent["User-Agent"] == "martlet-client")
        #expect(sent["Content-Type"] == nil)
        #expect(sent["Accept-Encoding"] == nil)
        #expect(sent["Content-Length"] == (body == nil ? nil : "2"))
        #expect(sent.body == body ?? [])
    }

    @Test func `A body of any size goes out at once`() async throws {
        let server = try TestServer { request in answer("200 OK", "\(request.body.count)") }
        defer { server.stop() }
        let client = try MartletClient(server.url)
        for size in [0, 1, 3 << 20] {
            let response = try await client.send(ClientRequest(.post, "/", body: [UInt8](repeating: 7, count: size)))
            #expect(response.text == "\(size)")
        }
        #expect(server.requests.map { $0["Content-Length"] } == ["0", "1", "3145728"])
        #expect(server.requests.allSatisfy { $0["Expect"] == nil })
    }

    @Test func `An answer may come byte by byte`() async throws {
        let server = try TestServer { connection in
            while connection.readRequest() != nil {
                for byte in answer("200 OK", #"{"a":1}"#, "X-A: 1").utf8 { connection.send([byte]) }
            }
        }
        defer { server.stop() }
        let client = try MartletClient(server.url)
        for _ in 1...3 {
            let response = try await client.send(ClientRequest(.get, "/"))
            #expect(response.text == #"{"a":1}"#)
            #expect(response.headers["x-a"] == "1")
        }
        #expect(server.connectionCount == 1)
    }

    @Test func `Interim answers and trailers are not the answer's header fields`() async throws {
        let server = try TestServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n")
            connection.send("HTTP/1.1 200 OK\r\nX-A:  spaced \t\r\nTransfer-Encoding: chunked\r\n\r\n")
            connection.send("2\r\nab\r\n1\r\nc\r\n0\r\nX-A: trailer\r\nLink: </trailer>\r\n\r\n")
        }
        defer { server.stop() }
        let response = try await MartletClient(server.url).send(ClientRequest(.get, "/"))
        #expect(response.status == 200)
        #expect(response.text == "abc")
        #expect(response.headers.fields.map(\.name) == ["X-A", "Transfer-Encoding"])
        #expect(response.headers["x-a"] == "spaced")
    }

    @Test func `A coding that nobody asked for is left as it is`() async throws {
        let server = try TestServer { _ in answer("200 OK", "no gzip at all", "Content-Encoding: gzip") }
        defer { server.stop() }
        let response = try await MartletClient(server.url).send(ClientRequest(.get, "/"))
        #expect(response.text == "no gzip at all")
    }

    @Test func `A redirect is an answer like any other`() async throws {
        let server = try TestServer { _ in answer("302 Found", "", "Location: /elsewhere") }
        defer { server.stop() }
        let response = try await MartletClient(server.url).send(ClientRequest(.get, "/"))
        #expect(response.status == 302)
        #expect(response.headers["Location"] == "/elsewhere")
        #expect(server.requests.count == 1)
    }

    @Test(arguments: ["Content-Length: 4", "Transfer-Encoding: chunked"])
    func `An answer may have as many bytes as the limit, not one more`(_ framing: String) async throws {
        let server = try TestServer { connection in
            while connection.readRequest() != nil {
                connection.send("HTTP/1.1 200 OK\r\n\(framing)\r\n\r\n")
                connection.send(framing.hasPrefix("T") ? "3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n" : "abcd")
            }
        }
        defer { server.stop() }
        let client = try MartletClient.client(server.url) { $0.maxResponseSize = 3 }
        #expect(try await client.send(ClientRequest(.get, "/", maxResponseSize: 4)).text == "abcd")
        let error = await client.failure(ClientRequest(.post, "/", body: []))
        #expect(error == .responseTooLarge(limit: 3, mayHaveTakenEffect: true))
    }

    @Test func `An endless answer is cut off`() async throws {
        let ended = Signal()
        let server = try TestServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\n\r\n")
            while connection.send([UInt8](repeating: 46, count: 65536)) {}
            ended.fire()
        }
        defer { server.stop() }
        let client = try MartletClient.client(server.url) { $0.maxResponseSize = 1 << 20 }
        let error = await client.failure(ClientRequest(.get, "/"))
        #expect(error == .responseTooLarge(limit: 1 << 20, mayHaveTakenEffect: false))
        await ended.wait()
    }

    @Test(arguments: [
        "", "127.0.0.1:8000", "ftp://127.0.0.1", "file:///etc/passwd", "http://", "http://a b", "http://host:99999",
        "http://user:secret@host", "http://user@host", "http://host?a", "http://host/#b", "http://ho\u{0}st",
    ])
    func `A URL that is none of a server is refused`(_ url: String) {
        #expect {
            try MartletClient(url)
        } throws: { error in
            if case .invalidRequest = error as? MartletError { true } else { false }
        }
    }

    @Test(arguments: ["", "users", "/a b", "/a\r\nX: y", "/ä", "/a#b", "//\u{0}"])
    func `A path that can't be sent is refused`(_ path: String) async throws {
        let client = try MartletClient("http://127.0.0.1:\(TestServer.closedPort())")
        let error = await client.failure(ClientRequest(.get, path))
        guard case .invalidRequest = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: [("X-A", "b\r\nX-C: d"), ("X-A", "b\u{0}"), ("X A", "b"), ("", "b"), ("X-A:", "b")])
    func `A header that would become two is refused`(_ name: String, _ value: String) async throws {
        let client = try MartletClient("http://127.0.0.1:\(TestServer.closedPort())")
        var headers = HeaderFields()
        headers.append(name, value)
        let request = ClientRequest(.get, "/", headers: headers)
        let error = await client.failure(request)
        guard case .invalidRequest = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(throws: MartletError.self) {
            try MartletClient.client("http://127.0.0.1") { $0.headers = headers }
        }
    }
}
