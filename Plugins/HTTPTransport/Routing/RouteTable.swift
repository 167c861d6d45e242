import MartletKernel
import MartletModel

/// Finds the route of a request.
///
/// The paths are a tree of their segments. A literal segment comes before a parameter: `/books/new` is found before
/// `/books/{id}`. To find a path allocates nothing, unless it has percent-encoding.
struct RouteTable: Sendable {
    /// In the order in which they are listed.
    let routes: [HTTPRoute]
    /// In the order of the routes.
    private(set) var paths: [ServedPath] = []
    private let basePath: String
    private var nodes: [Node] = [Node()]

    private struct Node {
        /// Sorted by their bytes.
        var literals: [(bytes: [UInt8], node: Int)] = []
        var parameter: Int?
        var path: ServedPath?
    }

    /// - Parameter basePath: begins with `/` and doesn't end with it, or is empty.
    /// - Precondition: no method is there twice at paths that match the same.
    init(_ routes: [HTTPRoute], basePath: String) {
        self.routes = routes
        self.basePath = basePath
        let base = basePath.isEmpty ? [] : PathPattern(basePath).segments
        var (order, routesByNode): ([Int], [Int: [HTTPRoute]]) = ([], [:])
        for route in routes {
            let node = node(at: base + route.path.segments)
            if routesByNode[node] == nil { order.append(node) }
            routesByNode[node, default: []].append(route)
        }
        paths = order.compactMap { node in
            routesByNode[node].map { ServedPath($0, basePath: basePath) }
        }
        for (node, path) in zip(order, paths) { nodes[node].path = path }
    }

    private mutating func node(at segments: [PathPattern.Segment]) -> Int {
        var node = 0
        for segment in segments {
            let new = nodes.count
            switch segment {
            case .parameter:
                if let known = nodes[node].parameter {
                    node = known
                    continue
                }
                nodes[node].parameter = new
            case .literal(let text):
                let bytes = Array(text.utf8)
                let index = nodes[node].literals.firstIndex { !$0.bytes.lexicographicallyPrecedes(bytes) }
                if let index, nodes[node].literals[index].bytes == bytes {
                    node = nodes[node].literals[index].node
                    continue
                }
                nodes[node].literals.insert((bytes, new), at: index ?? nodes[node].literals.count)
            }
            nodes.append(Node())
            node = new
        }
        return node
    }

    /// - Parameter path: as it came, percent-encoded. It begins with `/`.
    /// - Throws: 400 for malformed percent-encoding, 404 for a path that isn't served.
    func find(_ path: UnsafeRawBufferPointer) throws(Rejection) -> FoundPath {
        let isEncoded = path.next(UInt8(ascii: "%")) != nil
        if isEncoded {
            guard let decoded = PercentEncoding.decode(path) else {
                throw Rejection(Problem(.badRequest, "The path is not valid percent-encoding."))
            }
            guard String(validating: decoded, as: UTF8.self) != nil else {
                throw Rejection(Problem(.badRequest, "The path is not UTF-8."))
            }
        }
        var values = PathValues(isEncoded: isEncoded)
        guard let found = find(path.slice(from: 1), below: 0, &values) else {
            let hint = nearestPath(to: path.text).map { " Did you mean \($0)?" } ?? ""
            throw Rejection(Problem(.notFound, "There is nothing at this path.\(hint)"))
        }
        return FoundPath(path: found, values: values)
    }

    /// - Parameter rest: the path from a segment on.
    private func find(_ rest: UnsafeRawBufferPointer, below node: Int, _ values: inout PathValues) -> ServedPath? {
        let slash = rest.next(UInt8(ascii: "/"))
        let segment = rest.slice(0..<(slash ?? rest.count))
        // A trailing slash makes it another path, which nothing is at.
        guard !segment.isEmpty else { return nil }
        func path(at child: Int, _ values: inout PathValues) -> ServedPath? {
            guard let slash else { return nodes[child].path }
            return find(rest.slice(from: slash + 1), below: child, &values)
        }
        if let child = literal(segment, below: node, isEncoded: values.isEncoded),
            let found = path(at: child, &values)
        {
            return found
        }
        guard let child = nodes[node].parameter else { return nil }
        let count = values.count
        values.append(segment)
        if let found = path(at: child, &values) { return found }
        values.removeLast(to: count)
        return nil
    }

    private func literal(_ segment: UnsafeRawBufferPointer, below node: Int, isEncoded: Bool) -> Int? {
        if isEncoded, let decoded = PercentEncoding.decode(segment) {
            return decoded.withUnsafeBytes { literal($0, below: node, isEncoded: false) }
        }
        var (low, high) = (0, nodes[node].literals.count)
        while low < high {
            let middle = (low + high) / 2
            let order = nodes[node].literals[middle].bytes.withUnsafeBytes { $0.order(to: segment) }
            if order == 0 { return nodes[node].literals[middle].node }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    /// A path that is served, for one that isn't: without a slash too many, with the base path, or rightly spelt.
    private func nearestPath(to path: String) -> String? {
        let listed = paths.filter { $0.isListed && $0.parameters.isEmpty }.map(\.pattern)
        // To compare names costs their lengths, times all that are served.
        guard path.utf8.count <= 100, listed.count <= 100 else { return nil }
        let segments = path.split(separator: "/")
        let trimmed = segments.map { "/\($0)" }.joined()
        guard !trimmed.isEmpty, trimmed != basePath else { return "\(basePath)/docs" }
        for candidate in [trimmed, basePath + trimmed] {
            if let known = listed.first(where: { $0 == candidate || candidate.hasPrefix("\($0)/") }) { return known }
        }
        if let below = listed.first(where: { $0.hasPrefix("\(trimmed)/") }) { return below }
        // Of a record's path the first segment may be wrong.
        let first = segments.first.map { "/\($0)" } ?? ""
        return nearestName(to: trimmed, among: listed) ?? nearestName(to: first, among: listed)
    }
}

/// A path that is served, with its methods.
final class ServedPath: Sendable {
    /// With the base path and its parameters named: what logs show.
    let pattern: String
    /// The names of its parameters.
    let parameters: [String]
    /// The value of the header field Allow.
    let allowedMethods: String
    /// In their order.
    let routes: [HTTPRoute]
    /// By method, so that a request copies no route.
    private let handlers: [(method: HTTPMethod, handler: any RequestHandler)]
    /// Those that write records: what an operation of a batch can be here.
    let writes: [WriteRecord]
    let isListed: Bool

    fileprivate init(_ routes: [HTTPRoute], basePath: String) {
        pattern = basePath + routes[0].path.description
        parameters = routes[0].path.parameters
        self.routes = routes
        handlers = routes.map { ($0.method, $0.handler) }
        writes = routes.compactMap { $0.handler as? WriteRecord }
        isListed = routes.contains { $0.summary != nil }
        let order: [HTTPMethod] = [.get, .post, .put, .patch, .delete]
        let methods = order.filter { method in routes.contains { $0.method == method } }
        allowedMethods = (methods.flatMap { $0 == .get ? [$0, .head] : [$0] } + [.options]).map(\.name)
            .joined(separator: ", ")
    }

    /// Nil for a method that isn't served here. HEAD is GET without the content.
    func handler(for method: HTTPMethod) -> (any RequestHandler)? {
        let method = method == .head ? .get : method
        return handlers.first { $0.method == method }?.handler
    }
}

/// A path of the table that a request's path matches.
struct FoundPath {
    let path: ServedPath
    let values: PathValues
}

/// The values of a path's parameters, as they came. Valid for as long as the request's bytes.
struct PathValues {
    let isEncoded: Bool
    /// In its place there is no memory to be had: most paths have one parameter at most.
    private var first: UnsafeRawBufferPointer?
    private var others: [UnsafeRawBufferPointer] = []

    init(isEncoded: Bool) {
        self.isEncoded = isEncoded
    }

    var count: Int { first == nil ? 0 : 1 + others.count }

    /// The text of a parameter, percent-encoding taken off.
    subscript(index: Int) -> String {
        guard let first else { return "" }
        let value = index == 0 ? first : others[index - 1]
        // The whole path was decoded before.
        guard isEncoded, let decoded = PercentEncoding.decode(value) else { return value.text }
        return String(decoding: decoded, as: UTF8.self)
    }

    /// A parameter as a key of a resource; nil if it is none.
    func key(at index: Int, of schema: ResourceSchema) -> Key? {
        guard !isEncoded, index == 0, let first else { return Key(self[index], for: schema) }
        return Key(utf8: first, for: schema)
    }

    fileprivate mutating func append(_ value: UnsafeRawBufferPointer) {
        if first == nil { first = value } else { others.append(value) }
    }

    fileprivate mutating func removeLast(to count: Int) {
        if count == 0 { first = nil }
        others.removeLast(others.count - max(count - 1, 0))
    }
}

extension UnsafeRawBufferPointer {
    /// Below, at or above 0, as these bytes are before, like or after others.
    fileprivate func order(to other: UnsafeRawBufferPointer) -> Int {
        for index in 0..<Swift.min(count, other.count) where self[index] != other[index] {
            return self[index] < other[index] ? -1 : 1
        }
        return count - other.count
    }
}
