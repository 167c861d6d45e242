import MartletKernel
import MartletModel

/// Finds what a request's path leads to.
struct Router: Sendable {
    /// Begins with `/` and doesn't end with it, or is empty.
    let basePath: String
    private let basePathBytes: [UInt8]
    let resources: [ServedResource]
    private let resourcesByName: [String: ServedResource]
    private let documentation: Documentation

    init(resources: [ResourceSchema], basePath: String, documentation: Documentation) {
        self.basePath = basePath
        basePathBytes = Array(basePath.utf8)
        self.resources = resources.map { ServedResource($0, basePath: basePath) }
        resourcesByName = Dictionary(self.resources.map { ($0.schema.name, $0) }) { first, _ in first }
        self.documentation = documentation
    }

    /// - Parameter path: as it came, percent-encoded.
    /// - Throws: 400 for malformed percent-encoding, 404 for a path that leads nowhere.
    func site(for path: UnsafeRawBufferPointer) throws(Rejection) -> Site {
        let site = path.next(UInt8(ascii: "%")) == nil ? self.site(forDecoded: path) : try self.site(forEncoded: path)
        guard let site else {
            let hint = nearestPath(to: path.text).map { " Did you mean \($0)?" } ?? ""
            throw Rejection(Problem(.notFound, "There is nothing at this path.\(hint)"))
        }
        return site
    }

    /// A path that is served, for one that isn't: without a slash too many, with the base path, or rightly spelt.
    private func nearestPath(to path: String) -> String? {
        // To compare names costs their lengths, times all that are served.
        guard path.utf8.count <= 100, resources.count <= 100 else { return nil }
        let own = ["/docs", "/openapi.json", "/health/live", "/health/ready", "/batch"]
        let served = (resources.map { "/\($0.schema.name)" } + own).map { basePath + $0 }
        let segments = path.split(separator: "/")
        let trimmed = segments.map { "/\($0)" }.joined()
        guard !trimmed.isEmpty, trimmed != basePath else { return "\(basePath)/docs" }
        for candidate in [trimmed, basePath + trimmed] {
            if let known = served.first(where: { $0 == candidate || candidate.hasPrefix("\($0)/") }) { return known }
        }
        if let below = served.first(where: { $0.hasPrefix("\(trimmed)/") }) { return below }
        // Of a record's path the first segment may be wrong.
        let first = segments.first.map { "/\($0)" } ?? ""
        return nearestName(to: trimmed, among: served) ?? nearestName(to: first, among: served)
    }

    private func site(forEncoded path: UnsafeRawBufferPointer) throws(Rejection) -> Site? {
        guard let decoded = PercentEncoding.decode(path) else {
            throw Rejection(Problem(.badRequest, "The path is not valid percent-encoding."))
        }
        guard String(validating: decoded, as: UTF8.self) != nil else {
            throw Rejection(Problem(.badRequest, "The path is not UTF-8."))
        }
        // An encoded slash is part of a segment. Of all segments a key alone can have one.
        let isOneMore = decoded.count { $0 == UInt8(ascii: "/") } > path.count { $0 == UInt8(ascii: "/") }
        guard isOneMore else { return decoded.withUnsafeBytes { self.site(forDecoded: $0) } }
        guard let slash = path.lastIndex(of: UInt8(ascii: "/")), slash > 0,
            let key = PercentEncoding.decode(path.slice(from: slash + 1)),
            let resource = resource(ofList: path.slice(0..<slash))
        else { return nil }
        return .record(resource, key: String(decoding: key, as: UTF8.self))
    }

    /// The resource whose list is at an encoded path. No slash before the key is encoded.
    private func resource(ofList path: UnsafeRawBufferPointer) -> ServedResource? {
        guard let decoded = PercentEncoding.decode(path),
            decoded.count(where: { $0 == UInt8(ascii: "/") }) == path.count(where: { $0 == UInt8(ascii: "/") }),
            case .list(let resource) = decoded.withUnsafeBytes({ site(forDecoded: $0) })
        else { return nil }
        return resource
    }

    private func site(forDecoded path: UnsafeRawBufferPointer) -> Site? {
        let prefix = basePathBytes.count
        guard path.count > prefix, path.slice(0..<prefix).equals(basePathBytes), path[prefix] == UInt8(ascii: "/")
        else {
            return nil
        }
        let rest = path.slice(from: prefix + 1)
        let slash = rest.next(UInt8(ascii: "/"))
        let first = rest.slice(0..<(slash ?? rest.count))
        // To Swift, texts of other bytes can be equal.
        guard let resource = resourcesByName[first.text], first.equals(resource.segment) else {
            return ownSite(String(decoding: path.slice(from: prefix), as: UTF8.self))
        }
        guard let slash else { return .list(resource) }
        let key = rest.slice(from: slash + 1)
        // A trailing slash makes it another path, and records have nothing below them.
        guard !key.isEmpty, key.next(UInt8(ascii: "/")) == nil else { return nil }
        return .record(resource, key: key.text)
    }

    /// What the server itself answers.
    private func ownSite(_ path: String) -> Site? {
        switch path {
        case "/batch": return .batch(pattern: basePath + path)
        case "/health/live": return .liveness(pattern: basePath + path)
        case "/health/ready": return .readiness(pattern: basePath + path)
        default: return documentation.page(for: path).map { .page($0, pattern: basePath + path) }
        }
    }
}
