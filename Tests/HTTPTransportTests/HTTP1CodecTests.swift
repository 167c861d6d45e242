import MartletKernel
import MartletModel
import NIOCore
import Testing

@testable import HTTPTransport

/// The codec of HTTP/1.1 on its own: requests from bytes, and responses to bytes.
struct HTTP1CodecTests {
    private static func codec(_ bytes: String = "") -> HTTP1Codec {
        var codec = HTTP1Codec(Limits())
        var buffer = ByteBuffer(string: bytes)
        codec.receive(&buffer)
        return codec
    }

    private static func isWaiting(_ codec: inout HTTP1Codec) -> Bool {
        if case nil = codec.next() { true } else { false }
    }

    private static func head(_ codec: inout HTTP1Codec) throws -> RequestHead {
        guard case .head(let head) = codec.next() else { throw RawConnection.Failure(description: "there is no head") }
        return head
    }

    // MARK: - Requests

    @Test func `any field of a request is found by its name, in any case`() throws {
        let lines = ["X-Tenant: north", "x-list: a", "X-LIST:\t b ", "X-Empty:", "X-Text: Zoë", "Accept: */*"]
        for piece in [1, 2, 5, 1000] {
            var codec = Self.codec()
            var rest = Array(Requests.bare("GET", "/users?a=b", lines).utf8)[...]
            while !rest.isEmpty {
                var buffer = ByteBuffer(bytes: rest.prefix(piece))
                rest = rest.dropFirst(piece)
                codec.receive(&buffer)
                let isWaiting = rest.isEmpty || Self.isWaiting(&codec)
                #expect(isWaiting)
            }
            _ = try Self.head(&codec)
            #expect(codec.withTarget { $0.text } == "/users?a=b")
            let fields = codec.fields
            #expect(fields["X-Tenant"] == "north" && fields["x-tenant"] == "north" && fields["X-TENANT"] == "north")
            #expect(fields["X-List"] == "a, b" && fields["X-Empty"] == "" && fields["X-Text"] == "Zoë")
            #expect(fields["X-Tenan"] == nil && fields["X-Tenants"] == nil && fields[""] == nil)
            let names = ["Host", "X-Tenant", "x-list", "X-LIST", "X-Empty", "X-Text", "Accept"]
            #expect(fields.all.map(\.name) == names)
        }
    }

    @Test func `the fields are those of the request whose head was given last`() throws {
        let first = Requests.get("/a", "X-Tenant: north")
        var codec = Self.codec("\r\n" + first + "GET /b HTTP/1.0\r\n\r\n" + Requests.post("{}"))
        _ = try Self.head(&codec)
        #expect(codec.withTarget { $0.text } == "/a" && codec.fields["X-Tenant"] == "north")
        _ = try Self.head(&codec)
        #expect(codec.withTarget { $0.text } == "/b" && codec.fields.all.isEmpty)
        let head = try Self.head(&codec)
        #expect(codec.fields["Content-Type"] == "application/json")
        var output = ByteBuffer()
        codec.expectBody(of: head, isWanted: true, &output)
        #expect(codec.fields.all.isEmpty && codec.withTarget { $0.isEmpty } && output.readableBytes == 0)
        guard case .body(let body) = codec.next() else { throw RawConnection.Failure(description: "there is no body") }
        #expect(String(buffer: body) == "{}" && codec.isBetweenRequests)
    }

    @Test func `the end of the input is told between requests and within one`() throws {
        let whole = Array(Requests.post("{}").utf8)
        for length in [0, 1, 2, 10, whole.count - 1] {
            var codec = Self.codec(String(decoding: whole.prefix(length), as: UTF8.self))
            if let event = codec.next(), case .head(let head) = event {
                var output = ByteBuffer()
                codec.expectBody(of: head, isWanted: false, &output)
            }
            let isWaiting = Self.isWaiting(&codec)
            #expect(isWaiting)
            codec.closeInput()
            guard case .endOfInput(let isWithinRequest) = codec.next() else {
                throw RawConnection.Failure(description: "there is no end")
            }
            #expect(isWithinRequest == (length > 0))
        }
    }

    @Test func `a client that waits for 100 (Continue) gets it unless its body has come`() throws {
        let request = Requests.bare("POST", "/users", ["Expect: 100-continue", "Content-Length: 2"])
        for (bytes, expected) in [(request, "HTTP/1.1 100 Continue\r\n\r\n"), (request + "{", "")] {
            var codec = Self.codec(bytes)
            let head = try Self.head(&codec)
            var output = ByteBuffer()
            codec.expectBody(of: head, isWanted: true, &output)
            #expect(String(buffer: output) == expected)
        }
    }

    // MARK: - Responses

    private static let date = Array("Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n".utf8)

    private static func response(
        _ head: ResponseHead, variesByOrigin: Bool = false, to request: String = Requests.get("/")
    ) throws -> (text: String, codec: HTTP1Codec) {
        var codec = Self.codec(request)
        _ = try Self.head(&codec)
        var output = ByteBuffer()
        codec.write(head, date: date, variesByOrigin: variesByOrigin, to: &output)
        return (String(buffer: output), codec)
    }

    @Test func `a head is its status line, the fields of its kind, and its own`() throws {
        let long = String(repeating: "x", count: 5000)
        for status in ResponseStatus.allCases {
            for common in CommonFields.allCases {
                for variesByOrigin in [false, true] {
                    let head = ResponseHead(
                        status: status, common: common, requestID: long,
                        entityTag: EntityTag(version: .min, checksum: 0xAB), crossOrigin: [ResponseField("C", "é")],
                        fields: [ResponseField("A", long)], length: .bytes(.max), closes: true)
                    let fields = common.fields(variesByOrigin: variesByOrigin).map { "\($0.name): \($0.value)" }
                    let lines =
                        ["HTTP/1.1 \(status.code) \(status.reasonPhrase)"] + fields + [
                            "C: é", "Date: Thu, 01 Jan 1970 00:00:00 GMT", "X-Request-Id: \(long)",
                            "ETag: \"-9223372036854775808-000000ab\"", "A: \(long)",
                            "Content-Length: 9223372036854775807", "Connection: close", "", "",
                        ]
                    let written = try Self.response(head, variesByOrigin: variesByOrigin).text
                    #expect(written == lines.joined(separator: "\r\n"))
                }
            }
        }
    }

    @Test func `content of unknown length is chunked, or ends with the connection in HTTP 1.0`() throws {
        let head = ResponseHead(status: .ok, common: .json, requestID: "a", length: .unknown)
        for (version, keepsAlive) in [("1.1", false), ("1.0", true), ("1.0", false)] {
            let request = "GET / HTTP/\(version)\r\nHost: x\r\n\(keepsAlive ? "Connection: keep-alive\r\n" : "")\r\n"
            let (text, written) = try Self.response(head, to: request)
            var codec = written
            let isChunked = version == "1.1"
            #expect(text.hasSuffix(isChunked ? "Transfer-Encoding: chunked\r\n\r\n" : "Connection: close\r\n\r\n"))
            #expect(!text.contains("Content-Length") && !text.contains("keep-alive"))
            var output = ByteBuffer()
            for part in ["Hello", "", String(repeating: "x", count: 300)] {
                codec.write(content: ByteBuffer(string: part), to: &output)
            }
            codec.writeEnd(to: &output)
            let content = "Hello" + String(repeating: "x", count: 300)
            let chunks = "5\r\nHello\r\n12c\r\n\(content.dropFirst(5))\r\n0\r\n\r\n"
            #expect(String(buffer: output) == (isChunked ? chunks : content))
        }
    }

    @Test func `a connection of HTTP 1.0 that stays open says so`() throws {
        let head = ResponseHead(status: .noContent, common: .data, requestID: "a")
        let request = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
        #expect(try Self.response(head, to: request).text.hasSuffix("Connection: keep-alive\r\n\r\n"))
        #expect(try Self.response(head).text.hasSuffix("X-Request-Id: a\r\n\r\n"))
    }
}
