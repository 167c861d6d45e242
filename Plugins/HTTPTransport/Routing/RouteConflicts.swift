import MartletKernel
import MartletModel

/// Finds routes of plugins that can't be served together, or beside the server's own.
struct RouteConflicts {
    private struct Owner {
        let plugin: String
        let path: PathPattern
        var methods: [String: String]
    }

    /// By their paths without the parameters' names: paths that match the same.
    private var owners: [[PathPattern.Segment]: Owner] = [:]
    private let resources: [String: (schema: ResourceSchema, plugin: String)]
    private var conflicts: [String] = []

    /// - Throws: ``RouteConflict`` with all that is wrong, each with the plugins.
    static func check(
        _ routes: [(value: Route, plugin: PluginID?)], beside resources: [(value: ResourceSchema, plugin: PluginID?)]
    ) throws(RouteConflict) {
        var conflicts = RouteConflicts(resources)
        for (route, plugin) in routes {
            conflicts.add(route.endpoint, of: name(plugin))
            if let type = route.streamedType, !isMediaType(type) {
                conflicts.conflicts.append(
                    "\(name(plugin)) streams \(quoted(type)), which is no media type: write one such as text/csv")
            }
        }
        guard conflicts.conflicts.isEmpty else {
            throw RouteConflict(description: conflicts.conflicts.joined(separator: "; "))
        }
    }

    private init(_ resources: [(value: ResourceSchema, plugin: PluginID?)]) {
        var byName: [String: (schema: ResourceSchema, plugin: String)] = [:]
        for (schema, plugin) in resources { byName[schema.name] = (schema, Self.name(plugin)) }
        self.resources = byName
        for (schema, plugin) in byName.values {
            let list: PathPattern.Segment = .literal(schema.name)
            add(["GET", "POST"], at: PathPattern([list]), of: plugin)
            add(["GET", "PUT", "PATCH", "DELETE"], at: PathPattern([list, .parameter(schema.key.name)]), of: plugin)
        }
    }

    /// `type/subtype` and perhaps parameters (RFC 9110, section 8.3.1): it becomes a header field as it is.
    private static func isMediaType(_ text: String) -> Bool {
        let names = text.prefix { $0 != ";" }.split(separator: "/", omittingEmptySubsequences: false)
        let isPrintable = text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        return names.count == 2 && names.allSatisfy { CrossOrigin.isName(String($0)) } && isPrintable
    }

    private static func name(_ plugin: PluginID?) -> String { plugin?.description ?? "an override" }

    private mutating func add(_ endpoint: EndpointDescription, of plugin: String) {
        let route = "\(plugin) serves \(endpoint.method.rawValue) \(endpoint.path)"
        switch endpoint.path.segments[0] {
        case .parameter:
            conflicts.append("\(route), which begins with a parameter: begin with a name, as others would match it too")
        case .literal(let name) where ResourceSchema.reservedNames.contains(name):
            conflicts.append("\(route), but paths that begin with /\(name) are the server's own")
        case .literal(let name):
            if let (schema, owner) = resources[name], schema.canHaveRecord(at: endpoint.path) {
                conflicts.append("\(route), which would hide a record of \(name), of \(owner), with this key")
            }
            add([endpoint.method.rawValue], at: endpoint.path, of: plugin)
        }
    }

    private mutating func add(_ methods: [String], at path: PathPattern, of plugin: String) {
        let shape = path.segments.map { if case .parameter = $0 { PathPattern.Segment.parameter("") } else { $0 } }
        var owner = owners[shape] ?? Owner(plugin: plugin, path: path, methods: [:])
        if owner.path != path {
            // OpenAPI 3.1, section 4.8.8.1: templated paths that differ in names alone are identical, and invalid.
            conflicts.append(
                "\(owner.plugin) serves \(owner.path), which \(plugin) calls \(path): name the parameters the same")
        }
        for method in methods {
            if let other = owner.methods.updateValue(plugin, forKey: method) {
                conflicts.append("\(other) and \(plugin) both serve \(method) \(path)")
            }
        }
        owners[shape] = owner
    }
}

/// Routes that can't be served together.
struct RouteConflict: Error, CustomStringConvertible {
    let description: String
}

extension ResourceSchema {
    /// Whether a path without parameters can be that of a record: its last segment is a key that the resource takes.
    fileprivate func canHaveRecord(at path: PathPattern) -> Bool {
        guard path.segments.count == 2, case .literal(let text) = path.segments[1], let key = Key(text, for: self)
        else {
            return false
        }
        var row = RowBatch(width: 1)
        row.appendAbsentRow()
        key.store(in: &row, row: 0, column: 0)
        return self.key.error(in: row[0, 0], of: row, for: .create) == nil
    }
}
