import MartletModel

/// A resource as the source of a Swift type that declares the same: what `martlet schema --swift` prints.
///
/// A resource can begin as a file and move to Swift when it needs logic: so nothing may differ, down to the table.
struct SwiftModel {
    private let resource: ResourceSchema
    private let typeName: String
    private let fields: [SwiftField]

    init(_ resource: ResourceSchema) {
        self.resource = resource
        typeName = SwiftName.type(ofResource: resource.name)
        fields = resource.fields.map { SwiftField($0, in: SwiftName.type(ofResource: resource.name)) }
    }

    /// The whole file.
    var source: String {
        let parts = [properties] + fields.compactMap(\.enumeration) + [initialiser, schema]
        let body = parts.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
        return """
            \(imports)

            /// A record of `\(resource.name)`.
            public struct \(typeName): Model, Equatable {
            \(body)
            }

            """
    }

    private var imports: String {
        let usesUUID = resource.fields.contains { $0.type == .uuid }
        return (usesUUID ? "public import FoundationEssentials\n" : "") + "public import MartletModel"
    }

    private var properties: [String] {
        fields.map { "    public var \($0.name): \($0.type)" }
    }

    /// A public type's own memberwise initialiser would be out of its users' reach.
    private var initialiser: [String] {
        let parameters = fields.map { "\($0.name): \($0.type)" }
        return SwiftLines.declaration("public init(", parameters, ") {", depth: 1)
            + fields.map { "        self.\($0.name) = \($0.name)" } + ["    }"]
    }

    private var schema: [String] {
        let head = ["    public static let schema = Schema(", "        \(SwiftLiteral.string(resource.name)),"]
        let options = options.map { "        \($0)," }
        return head + fields.flatMap(\.declaration) + options + ["        build: \(typeName).init)"]
    }

    private var options: [String] {
        var options: [String] = []
        if resource.table != resource.name { options.append("table: \(SwiftLiteral.string(resource.table))") }
        for (label, isUnique) in [("unique", true), ("indexes", false)] {
            let sets = resource.compounds.filter { $0.isUnique == isUnique }
                .map { set in SwiftLiteral.array(set.columns.map { SwiftLiteral.string(resource.fields[$0].name) }) }
            if !sets.isEmpty { options.append("\(label): \(SwiftLiteral.array(sets))") }
        }
        if resource.requiresPreconditions { options.append("requiresPreconditions: true") }
        return options
    }
}
