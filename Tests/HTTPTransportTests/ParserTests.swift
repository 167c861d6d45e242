import MartletTesting
import NIOCore
import Testing

@testable import HTTPTransport

/// The reader of HTTP's syntax on its own, and beside NIOHTTP1's.
struct ParserTests {
    private static let requests = [
        Requests.get("/users/1", "Accept: */*", "User-Agent: x y z"),
        Requests.get("http://example.org/users?limit=5", "A:b", "B:", "C: \t d "),
        Requests.bare("OPTIONS", "*"),
        Requests.post(#"{"name":"Ada"}"#),
        Requests.chunkedPost(#"{"name":"Ada","email":"ada@example.org"}"#, size: 3, trailers: "A: b\r\n"),
        Requests.bare("POST", "/users", ["Transfer-Encoding: Chunked"])
            + "A;x=y;z=\"q\"\r\n0123456789\r\n0;last\r\n\r\n",
        Requests.get("/", "Connection: keep-alive"),
        "DELETE /users/1 HTTP/1.1\r\nhost:x\r\nContent-Length: 0\r\n\r\n",
        "GET /users HTTP/1.3\r\nHost: x\r\n\r\n",
    ]

    @Test func `pieces of any size are read as the whole is`() {
        let bytes = Array(Self.requests.joined().utf8)
        let whole = OwnReader.read(bytes)
        #expect(whole.requests.count == Self.requests.count)
        #expect(!whole.isRefused)
        for piece in 1..<200 {
            let pieces = OwnReader.read(bytes, piece: piece)
            #expect(pieces.requests == whole.requests && !pieces.isRefused, "in pieces of \(piece)")
        }
    }

    @Test func `a refusal doesn't depend on how the bytes are cut`() {
        for request in FramingTests.malformed {
            let bytes = Array(request.utf8)
            for piece in [1, 2, 3, 7, bytes.count] {
                let result = OwnReader.read(bytes + Array(Requests.get("/").utf8), piece: piece)
                #expect(result.isRefused, "\(request.debugDescription) in pieces of \(piece)")
            }
        }
    }

    /// What we take, the reference must read as the same requests. It takes more than we do.
    @Test func `what is taken is read as NIOHTTP1 reads it, under 5,000 mutations`() {
        let seed = TestSeed.forRun(of: "HTTP mutations")
        var random = SplitMix64(seed: seed)
        var (taken, refused) = (0, 0)
        for _ in 0..<5000 {
            let first = Self.requests[Int.random(in: 0..<Self.requests.count, using: &random)]
            let second = Self.requests[Int.random(in: 0..<Self.requests.count, using: &random)]
            var bytes = Array((first + second).utf8)
            for _ in 0..<Int.random(in: 0...3, using: &random) { Self.mutate(&bytes, &random) }
            bytes = Self.withKnownVersions(bytes)
            let own = OwnReader.read(bytes)
            if own.isRefused { refused += 1 } else if !own.isWaiting { taken += 1 }
            let reference = ReferenceDecoder.read(bytes)
            guard Self.agree(own, reference) || Self.isKnownDifference(own.requests, bytes) else {
                Issue.record(
                    "seed \(seed): \(String(decoding: bytes, as: UTF8.self).debugDescription): own \(own), reference \(reference)"
                )
                return
            }
        }
        // The mutations are of use only if both happen often.
        #expect(taken > 500 && refused > 500)
    }

    /// Where the reference refuses, it may have swallowed the end of the request before.
    private static func agree(
        _ own: (requests: [ReferenceDecoder.Request], isRefused: Bool, isWaiting: Bool),
        _ reference: (requests: [ReferenceDecoder.Request], isRefused: Bool)
    ) -> Bool {
        let common = min(own.requests.count, reference.requests.count)
        guard own.requests.prefix(common) == reference.requests.prefix(common) else { return false }
        if own.isRefused || own.isWaiting {
            return reference.isRefused || reference.requests.count >= own.requests.count
        }
        return !reference.isRefused && own.requests == reference.requests
    }

    /// llhttp refuses HTTP/1.2 to HTTP/1.9, which are read as HTTP/1.1 (RFC 9110, section 2.5).
    private static func withKnownVersions(_ bytes: [UInt8]) -> [UInt8] {
        (2...9).reduce(bytes) { bytes, minor in
            bytes.replacing(Array(" HTTP/1.\(minor)\r".utf8), with: Array(" HTTP/1.1\r".utf8))
        }
    }

    /// llhttp refuses methods that it has no name for; we answer 501 to them, and go on. And it refuses a tab behind a
    /// length or a transfer coding, which RFC 9110 allows (section 5.5), and white space in a chunk's extensions.
    private static func isKnownDifference(_ requests: [ReferenceDecoder.Request], _ bytes: [UInt8]) -> Bool {
        let known: Set = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"]
        return requests.contains { !known.contains($0.method) } || bytes.contains([0x09, 0x0D])
            || hasSpacedExtension(bytes)
    }

    private static func hasSpacedExtension(_ bytes: [UInt8]) -> Bool {
        zip(bytes, bytes.dropFirst()).contains { first, second in
            [first, second].contains { $0 == 0x20 || $0 == 0x09 }
                && [first, second].contains { ";=".utf8.contains($0) }
        }
    }

    private static func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        let pieces = [
            "\r\n", "\n", "\r", " ", "\t", ":", ";", ",", "0", "5", "Content-Length: 5\r\n",
            "Transfer-Encoding: chunked\r\n", "\r\n\r\n",
            "\u{0}", "HTTP/1.1", "GET / HTTP/1.1\r\n",
        ]
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes.remove(at: place)
        case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 2: bytes.insert(contentsOf: pieces[Int.random(in: 0..<pieces.count, using: &random)].utf8, at: place)
        case 3: bytes.removeSubrange(place..<min(place + Int.random(in: 1...8, using: &random), bytes.count))
        default: bytes.insert(bytes[place], at: place)
        }
        if bytes.isEmpty { bytes = [0] }
    }
}
