import FuzzSupport

@testable import HTTPTransport

/// Where a request ends is the same however its bytes come, and the same for a reader that we didn't write.
enum ReaderRules {
    static func check(_ bytes: [UInt8], _ pieces: Pieces) {
        let cut = pieces.cut(bytes)
        let whole = RequestReader.read([bytes[...]], limits: .small)
        let parts = RequestReader.read(cut, limits: .small)
        Fuzzer.expect(parts == whole, "within small limits, pieces \(parts) are read as the whole \(whole)")
        let known = withKnownVersions(bytes)
        let own = RequestReader.read([known[...]], limits: Limits())
        let other = ReferenceDecoder.read(known)
        let isAsGood = agree(own, other) || isKnownDifference(own.requests, known)
        Fuzzer.expect(isAsGood, "NIOHTTP1 reads \(other), and we \(own)")
    }

    /// What we take, the other has to take. Where it refuses, it may have swallowed the end of the request before.
    private static func agree(_ own: RequestReader.Result, _ other: ReferenceDecoder.Result) -> Bool {
        let common = min(own.requests.count, other.requests.count)
        guard own.requests.prefix(common) == other.requests.prefix(common) else { return false }
        if own.isRefused || own.isWaiting {
            return other.isRefused || other.requests.count >= own.requests.count
        }
        return !other.isRefused && own.requests == other.requests
    }

    /// llhttp refuses HTTP/1.2 to HTTP/1.9, which are read as HTTP/1.1 (RFC 9110, section 2.5).
    private static func withKnownVersions(_ bytes: [UInt8]) -> [UInt8] {
        (2...9).reduce(bytes) { bytes, minor in
            bytes.replacing(Array(" HTTP/1.\(minor)\r".utf8), with: Array(" HTTP/1.1\r".utf8))
        }
    }

    /// llhttp refuses methods that it has no name for; we answer 501 to them, and go on. And it refuses a tab behind a
    /// length or a transfer coding, which RFC 9110 allows (section 5.5), and white space in a chunk's extensions.
    private static func isKnownDifference(_ requests: [RequestReader.Request], _ bytes: [UInt8]) -> Bool {
        let known: Set = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
        return requests.contains { !known.contains($0.method) } || bytes.contains([0x09, 0x0D])
            || hasSpacedExtension(bytes)
    }

    private static func hasSpacedExtension(_ bytes: [UInt8]) -> Bool {
        zip(bytes, bytes.dropFirst()).contains { first, second in
            [first, second].contains { $0 == 0x20 || $0 == 0x09 }
                && [first, second].contains { ";=".utf8.contains($0) }
        }
    }
}
