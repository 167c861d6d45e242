import FuzzSupport

@testable import HTTPTransport

/// Where a request ends is the same however its bytes come, and the same for a reader that we didn't write.
enum ReaderRules {
    static func check(_ bytes: [UInt8], _ pieces: Pieces) {
        let cut = pieces.cut(bytes)
        let whole = RequestReader.read([bytes[...]], limits: .small)
        let parts = RequestReader.read(cut, limits: .small)
        Fuzzer.expect(parts == whole, "within small limits, pieces \(parts) are read as the whole \(whole)")
        let own = RequestReader.read([bytes[...]], limits: Limits())
        let other = ReferenceDecoder.read(bytes)
        let isAsGood = agree(own, other) || isKnownDifference(own.requests, bytes)
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

    /// llhttp refuses methods that it has no name for; we answer 501 to them, and go on. And it refuses a tab behind a
    /// length or a transfer coding, which RFC 9110 allows (section 5.5).
    private static func isKnownDifference(_ requests: [RequestReader.Request], _ bytes: [UInt8]) -> Bool {
        let known: Set = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
        return requests.contains { !known.contains($0.method) } || bytes.contains([0x09, 0x0D])
    }
}
