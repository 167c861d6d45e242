import MartletModel

/// What the OpenAPI document calls the parts of its resources: names that generated clients can use as they are, unless
/// two resources would share one. Then the later one has its own name in them, which nothing else looks like.
struct OpenAPINames {
    /// What a schema says of a record.
    enum Role: String, CaseIterable {
        case record = ""
        case create = "Create"
        case replace = "Replace"
        case patch = "Patch"
        /// Some fields, and other records in the place of references.
        case part = "Part"
    }

    private var schemas: [String: (Role) -> String] = [:]
    private var operations: [String: String] = [:]

    init(_ resources: [ResourceSchema]) {
        var taken = Set(OpenAPIProblem.schemas.map(\.name) + OpenAPIBatch.schemaNames)
        var takenPrefixes = Set(resources.map(\.name))
        for resource in resources {
            let words = resource.name.split { $0 == "-" || $0 == "_" }
            let name = words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
            let isFree = taken.isDisjoint(with: Role.allCases.map { name + $0.rawValue })
            // A resource's name has no capital and no dot.
            let own = resource.name
            schemas[own] = isFree ? { name + $0.rawValue } : { $0 == .record ? own : "\(own).\($0.rawValue)" }
            taken.formUnion(Role.allCases.map { schema(resource, $0) })

            let prefix = own.replacing("-", with: "_")
            // Code is generated with it as a name, which can't have a hyphen.
            operations[own] = takenPrefixes.insert(prefix).inserted ? prefix : own
        }
    }

    /// `Users`, `UsersCreate`
    func schema(_ resource: ResourceSchema, _ role: Role = .record) -> String {
        schemas[resource.name]?(role) ?? resource.name
    }

    /// - Parameter operation: has no underscore, so that `a_b` and `a` have no id in common.
    func operation(_ resource: ResourceSchema, _ operation: String) -> String {
        "\(operations[resource.name] ?? resource.name)_\(operation)"
    }
}
