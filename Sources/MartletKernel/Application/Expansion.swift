public import MartletModel

/// A reference whose records are shown in its place.
public struct Expansion: Sendable {
    /// The reference's column.
    public let column: Int
    /// What it refers to.
    public let target: ResourceSchema
    /// References of those records that are expanded too.
    var nested: [Expansion]
}

extension Application {
    /// Levels of references that can be expanded: `author.publisher` are two.
    public static let mostExpansionLevels = 2

    /// What `author,author.publisher` means for a resource.
    /// - Throws: all that is wrong with it, for a client.
    public func expansions(_ text: String, of resource: ResourceSchema) throws(Problem) -> [Expansion] {
        var paths: Set<[Substring]> = []
        var expansions: [Expansion] = []
        var errors: [FieldError] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard errors.count <= Problem.maxErrors else { break }
            let path = part.split(separator: ".", omittingEmptySubsequences: false)
            do throws(FieldError) {
                guard paths.insert(path).inserted else { throw Self.refusal("names \(part) twice") }
                guard path.count <= Self.mostExpansionLevels else {
                    throw Self.refusal("goes \(Self.mostExpansionLevels) levels deep at the most: \(part)")
                }
                try add(path[...], of: resource, to: &expansions)
            } catch {
                errors.append(error)
            }
        }
        guard errors.isEmpty else {
            throw Problem(.invalidParameter, "The request's parameters are not valid.", errors: errors)
        }
        return expansions
    }

    private func add(
        _ path: ArraySlice<Substring>, of resource: ResourceSchema, to expansions: inout [Expansion]
    ) throws(FieldError) {
        guard let name = path.first else { return }
        guard let column = resource.indexByName[String(name)],
            let target = resource.references(among: resources).first(where: { $0.field.name == name })?.target
        else {
            let known = resource.references(among: resources).map(\.field.name)
            let others = known.isEmpty ? "there are none" : "known are \(known.joined(separator: ", "))"
            throw Self.refusal(
                "\(name.isEmpty ? "an empty name" : String(name)) is no reference of \(resource.name): \(others)")
        }
        let index = expansions.firstIndex { $0.column == column } ?? expansions.count
        if index == expansions.count { expansions.append(Expansion(column: column, target: target, nested: [])) }
        try add(path.dropFirst(), of: target, to: &expansions[index].nested)
    }

    private static func refusal(_ detail: String) -> FieldError {
        FieldError(at: .parameter("expand"), .invalidParameter, detail)
    }
}

extension Expansion {
    /// The names by which references of a resource can be expanded.
    public static func names(of resource: ResourceSchema, among resources: [String: ResourceSchema]) -> [String] {
        resource.references(among: resources).flatMap { field, target in
            [field.name] + target.references(among: resources).map { "\(field.name).\($0.field.name)" }
        }
    }
}

extension ResourceSchema {
    fileprivate func references(
        among resources: [String: ResourceSchema]
    ) -> [(field: FieldSchema, target: ResourceSchema)] {
        fields.compactMap { field in
            guard !field.isWriteOnly, let name = field.reference?.resource, let target = resources[name] else {
                return nil
            }
            return (field, target)
        }
    }
}
