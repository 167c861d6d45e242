import MartletModel
import NIOCore
import Testing

@testable import HTTPTransport

/// Where a request ends must never be in doubt: what is malformed is answered once, nothing behind it runs, and the
/// connection closes.
struct FramingTests {
    private static let smuggled = Requests.post(#"{"name":"Mallory","email":"m@example.org"}"#)

    private static func post(_ fields: String, _ body: String = "") -> String {
        "POST /users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\(fields)\r\n\r\n\(body)"
    }

    static let malformed: [String] = [
        // Request lines
        "GET /users\r\nHost: x\r\n\r\n", "GET\r\n\r\n", "GET /users http/1.1\r\nHost: x\r\n\r\n",
        "GET /users HTTP/1.10\r\nHost: x\r\n\r\n", "GET /users HTTP/11.1\r\nHost: x\r\n\r\n",
        "GET /users HTTP/2\r\nHost: x\r\n\r\n", "GET /users HTTP/1,1\r\nHost: x\r\n\r\n",
        "GET /users HTTP/1.x\r\nHost: x\r\n\r\n", "GET /users HTTP/1.\r\nHost: x\r\n\r\n",
        "GET  /users HTTP/1.1\r\nHost: x\r\n\r\n", "GET /users  HTTP/1.1\r\nHost: x\r\n\r\n",
        " GET /users HTTP/1.1\r\nHost: x\r\n\r\n", "GET /us ers HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /users HTTP/1.1 \r\nHost: x\r\n\r\n", "GET\t/users\tHTTP/1.1\r\nHost: x\r\n\r\n",
        "G(T /users HTTP/1.1\r\nHost: x\r\n\r\n", "GET users HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET * HTTP/1.1\r\nHost: x\r\n\r\n", "GET /users#x HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /us\u{0}ers HTTP/1.1\r\nHost: x\r\n\r\n", "GET /usérs HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET http:///users HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET http://a@b/users HTTP/1.1\r\nHost: x\r\n\r\n", "\r\n\r\nGET /users HTTP/1.1\r\nHost: x\r\n\r\n",
        "\(String(repeating: "A", count: 33)) / HTTP/1.1\r\nHost: x\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}hello tls\r\n\r\n",
        // Line ends
        "GET /users HTTP/1.1\nHost: x\n\n", "GET /users HTTP/1.1\r\nHost: x\n\r\n",
        "GET /users HTTP/1.1\r\nHost: x\r\n\n",
        "GET /users HTTP/1.1\rHost: x\r\n\r\n", "GET /users HTTP/1.1\r\nHost: x\r\nA: b\rContent-Length: 5\r\n\r\n",
        // Hosts
        "GET /users HTTP/1.1\r\n\r\n", "GET /users HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
        "GET /users HTTP/1.1\r\nHost: x y\r\n\r\n", "GET /users HTTP/1.1\r\nHost: x/y\r\n\r\n",
        "GET /users HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n",
        // Fields
        "GET /users HTTP/1.1\r\nHost: x\r\nA b: c\r\n\r\n", "GET /users HTTP/1.1\r\nHost: x\r\nA\r\n\r\n",
        "GET /users HTTP/1.1\r\nHost: x\r\n: c\r\n\r\n", "GET /users HTTP/1.1\r\nHost: x\r\nA: b\u{0}c\r\n\r\n",
        "GET /users HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", "GET /users HTTP/1.1\r\n Host: x\r\n\r\n",
        "GET /users HTTP/1.1\r\nHost : x\r\n\r\n", "GET /users HTTP/1.1\r\nHost: x\r\nA: \u{7F}\r\n\r\n",
        "GET /users HTTP/1.1\r\nHost: x\r\nContent-Type: a/b\r\nContent-Type: a/b\r\n\r\n",
        // Lengths
        post("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
        post("Transfer-Encoding: chunked\r\nContent-Length: 5", "0\r\n\r\n"),
        post("Content-Length: 0\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
        post("Content-Length: 2\r\nContent-Length: 3", "{}"), post("Content-Length: 2\r\nContent-Length: 2", "{}"),
        post("Content-Length: 2, 2", "{}"), post("Content-Length: +2", "{}"), post("Content-Length: -2", "{}"),
        post("Content-Length: 0x2", "{}"), post("Content-Length: 2 2", "{}"), post("Content-Length:", "{}"),
        post("Content-Length: 2.0", "{}"), post("Content-Length : 2", "{}"), post("Content-Length: 2;", "{}"),
        post("Content-Length\t: 2", "{}"), post("\u{B}Content-Length: 2", "{}"), post("Content-Length: \u{B}2", "{}"),
        // Transfer codings
        post("Transfer-Encoding: gzip", "x"), post("Transfer-Encoding: gzip, chunked", "0\r\n\r\n"),
        post("Transfer-Encoding: chunked, identity", "0\r\n\r\n"),
        post("Transfer-Encoding: chunked, chunked", "0\r\n\r\n"),
        post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
        post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "0\r\n\r\n"),
        post("Transfer-Encoding: xchunked", "0\r\n\r\n"), post("Transfer-Encoding: \"chunked\"", "0\r\n\r\n"),
        post("Transfer-Encoding:", "0\r\n\r\n"), post("Transfer-Encoding: \u{B}chunked", "0\r\n\r\n"),
        post("Transfer-Encoding : chunked", "0\r\n\r\n"), post("Transfer-Encoding: chunk\r\n ed", "0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "0\r\n\r\n").replacing("HTTP/1.1", with: "HTTP/1.0"),
        // Chunks
        post("Transfer-Encoding: chunked", "\r\n\r\n"), post("Transfer-Encoding: chunked", "g\r\n\r\n"),
        post("Transfer-Encoding: chunked", "-1\r\n\r\n"), post("Transfer-Encoding: chunked", "+2\r\n{}\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "0x2\r\n{}\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", " 2\r\n{}\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "2 \r\n{}\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "2 2\r\n{}\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "2\n{}\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "2\r\n{}\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "2\r\n{}0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "1\r\n{}\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "2\r\n{}\r\n0\r\nA: b\n\r\n"),
        post("Transfer-Encoding: chunked", "2\r\n{}\r\n0\n\n"),
        post("Transfer-Encoding: chunked", "2;a\rb\r\n{}\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "2;a\nb\r\n{}\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "0000000000000002\r\n{}\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "10000000000000002\r\n{}\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "0\r\nContent-Length : 5\r\n\r\n"),
        post("Transfer-Encoding: chunked", "0\r\n A: b\r\n\r\n"),
        post("Transfer-Encoding: chunked", "2\r\n{}\r\n0\r\nContent-Length: 5\r\n\r\n"),
        post("Transfer-Encoding: chunked", "2\r\n{}\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n"),
        post("Transfer-Encoding: chunked", "2;\r\n{}\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "2;a=\r\n{}\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "2;a=\"\r\n{}\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "2;a b\r\n{}\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "2 ;\r\n{}\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "2;a \r\n{}\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "2;a = \r\n{}\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "2;a=b c\r\n{}\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "2;a=b\t\r\n{}\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "2\u{B};a\r\n{}\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "2 2;a\r\n{}\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", " 2;a\r\n{}\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "2 ;\r{}\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked", "2;\(String(repeating: "x", count: 5000))\r\n{}\r\n0\r\n\r\n"),
    ]

    @Test(arguments: malformed)
    func `what is no HTTP is answered with 400, once, and nothing behind it runs`(request: String) async throws {
        try await TestServer.run { server throws in
            let connection = try server.connect()
            try connection.send(request + Self.smuggled + Self.smuggled)
            let answers = try connection.answersToEnd()
            #expect(answers.count == 1)
            #expect(answers.first?.status == 400)
            #expect(answers.first?.problemCode == "bad_request")
            #expect(answers.first?["Connection"] == "close")
            #expect(server.storage.commits == 0)
        }
    }

    @Test(arguments: ["GET /users HTTP/2.0", "GET /users HTTP/3.0", "GET /users HTTP/0.9", "PRI * HTTP/2.0"])
    func `another major version is answered with 505, and nothing behind it runs`(line: String) async throws {
        try await TestServer.run { server throws in
            let connection = try server.connect()
            try connection.send("\(line)\r\nHost: x\r\n\r\n" + Self.smuggled)
            let answers = try connection.answersToEnd()
            #expect(answers.map(\.status) == [505])
            #expect(answers.first?.problemCode == "http_version_not_supported")
            #expect(answers.first?["Connection"] == "close")
            #expect(server.storage.commits == 0)
        }
    }

    @Test(arguments: 2...9)
    func `a higher minor version is served as HTTP/1.1`(minor: Int) async throws {
        try await TestServer.run { server throws in
            let connection = try server.connect()
            let requests = [Requests.get("/users"), Requests.chunkedPost(Requests.ada), Requests.get("/users/1")]
            for request in requests {
                try connection.send(request.replacing("HTTP/1.1", with: "HTTP/1.\(minor)"))
            }
            let statuses = try requests.map { _ in try connection.answer().status }
            #expect(statuses == [200, 201, 200])
            let withoutHost = "GET /users HTTP/1.\(minor)\r\n\r\n"
            #expect(try server.answer(to: withoutHost).status == 400)
        }
    }

    @Test(arguments: [" ;a", "; a", "\t; a", ";a =b", ";a= b", " \t; \ta \t= \t\"q ;\" ; b"])
    func `white space around the parts of a chunk's extensions is read`(extensions: String) async throws {
        let body = Requests.ada
        let size = String(body.utf8.count, radix: 16)
        try await TestServer.run { server throws in
            let request = Self.post(
                "Transfer-Encoding: chunked", "\(size)\(extensions)\r\n\(body)\r\n0\(extensions)\r\n\r\n")
            let connection = try server.connect()
            try connection.send(request + Requests.get("/users/1"))
            #expect(try connection.answer().status == 201)
            #expect(try connection.answer().status == 200)
        }
    }

    static let tooLarge: [(String, Int, String)] = [
        ("GET /\(String(repeating: "x", count: Limits().targetSize)) HTTP/1.1\r\nHost: x\r\n\r\n", 414, "uri_too_long"),
        ("GET /\(String(repeating: "x", count: 100_000))", 414, "uri_too_long"),
        (
            "GET /users HTTP/1.1\r\nHost: x\r\nA: \(String(repeating: "x", count: 8192))\r\n\r\n", 431,
            "headers_too_large"
        ),
        ("GET /users HTTP/1.1\r\nHost: x\r\nA: \(String(repeating: "x", count: 100_000))", 431, "headers_too_large"),
        (
            "GET /users HTTP/1.1\r\nHost: x\r\n"
                + String(repeating: "A: \(String(repeating: "x", count: 8000))\r\n", count: 5),
            431, "headers_too_large"
        ),
        (
            "GET /users HTTP/1.1\r\nHost: x\r\n" + String(repeating: "A: b\r\n", count: 100) + "\r\n", 431,
            "headers_too_large"
        ),
        (post("Content-Length: 1048577"), 413, "body_too_large"),
        (post("Content-Length: 99999999999999999999999999"), 413, "body_too_large"),
        (post("Transfer-Encoding: chunked", "100001\r\n"), 413, "body_too_large"),
        (post("Transfer-Encoding: chunked", "fffffffffffffff\r\n"), 413, "body_too_large"),
        (post("Content-Length: 1048577").replacing("/users", with: "/nothing"), 404, "not_found"),
    ]

    @Test(arguments: tooLarge)
    func `what is too large is refused before it is read to its end`(
        request: String, status: Int, code: String
    ) async throws {
        try await TestServer.run { server throws in
            let connection = try server.connect()
            try connection.send(request)
            let answer = try connection.answer()
            #expect(answer.status == status)
            #expect(answer.problemCode == code)
            #expect(answer["Connection"] == "close")
            // The client goes on sending all the same: that must not cost it the answer, nor run anything.
            try? connection.send(Self.smuggled)
            #expect(try connection.endsSilently())
            #expect(server.storage.commits == 0)
        }
    }

    @Test func `the largest request that is allowed is served`() async throws {
        let padding = String(repeating: " ", count: 1000 - Requests.ada.utf8.count)
        let field = String(repeating: "x", count: 8189)
        try await TestServer.run {
            $0.limits.bodySize = 1000
        } _: { server throws in
            #expect(try server.answer(to: Requests.post(Requests.ada + padding)).status == 201)
            #expect(try server.answer(to: Requests.chunkedPost(Requests.ada + padding)).status == 409)
            #expect(try server.answer(to: Requests.post(Requests.ada + padding + " ")).status == 413)
            #expect(try server.answer(to: Requests.chunkedPost(Requests.ada + padding + " ")).status == 413)
            #expect(try server.answer(to: Requests.get("/users", "A: \(field)")).status == 200)
            #expect(try server.answer(to: Requests.get("/users", "A: \(field)x")).status == 431)
            #expect(try server.answer(to: Requests.get("/" + String(repeating: "x", count: 8191))).status == 404)
            let many = (0..<99).map { "A\($0): b" }
            #expect(try server.answer(to: Requests.bare("GET", "/users", many)).status == 200)
        }
    }

    @Test func `a body of 50 MB against a refusal doesn't lose the refusal`() async throws {
        try await TestServer.run { server throws in
            let connection = try server.connect()
            try connection.send(
                "POST /users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50000000\r\n\r\n")
            // As a client that looks for the answer only when it is done, or can't send any more.
            let block = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 16)
            for _ in 0..<200 {
                do { try connection.send(block) } catch { break }
            }
            #expect(try connection.answer().status == 413)
        }
    }

    @Test func `a request that is cut anywhere is answered with 400 or not at all`() async throws {
        let whole =
            "PUT /users/1?x HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
        let chunked = Requests.chunkedPost("{}", size: 1, trailers: "A: b\r\n")
        try await TestServer.run { server throws in
            for request in [whole, chunked] {
                let bytes = Array(request.utf8)
                for length in 0..<bytes.count {
                    let connection = try server.connect()
                    try connection.send(Array(bytes[..<length]))
                    connection.closeOutput()
                    let answers = try connection.answersToEnd()
                    #expect(answers.map(\.status) == (length == 0 ? [] : [400]))
                }
            }
            #expect(server.storage.commits == 0)
        }
    }

    @Test func `bytes may come one by one`() async throws {
        try await TestServer.run { server throws in
            let connection = try server.connect()
            for byte in Requests.post(Requests.ada).utf8 { try connection.send([byte]) }
            #expect(try connection.answer().status == 201)
            let other = Requests.ada.replacing("ada", with: "bea")
            for byte in Requests.chunkedPost(other, trailers: "A: b\r\nC: d\r\n").utf8 { try connection.send([byte]) }
            #expect(try connection.answer().status == 201)
        }
    }
}
