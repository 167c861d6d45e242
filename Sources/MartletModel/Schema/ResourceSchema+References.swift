/// What several resources have to be to each other.
extension ResourceSchema {
    /// A field that refers to what it can't, or two resources of one table.
    public struct Mistake: Sendable, CustomStringConvertible {
        public let resource: String
        /// Nil when it is about the resource as a whole.
        public let field: String?
        public let description: String
    }

    /// Everything that keeps these resources from being served together.
    /// - Parameter checked: only mistakes in these are told; all unless given.
    public static func mistakes(
        among resources: [ResourceSchema], checking checked: [ResourceSchema]? = nil
    ) -> [Mistake] {
        let byName = Dictionary(resources.map { ($0.name, $0) }) { first, _ in first }
        var mistakes: [Mistake] = []
        for resource in checked ?? resources {
            // Databases ignore the case of ASCII letters here; names have none.
            if let other = resources.first(where: { $0.table == resource.table && $0.name != resource.name }) {
                mistakes.append(
                    Mistake(
                        resource: resource.name, field: nil,
                        description: "\(resource.name) and \(other.name) have the same table, \(resource.table)"))
            }
            for field in resource.fields {
                guard let reference = field.reference else { continue }
                let problem: String
                if let target = byName[reference.resource] {
                    guard target.key.type != field.type else { continue }
                    problem = "\(target.name), whose key is of the type \(target.key.type), not \(field.type)"
                } else {
                    problem = "\(reference.resource), which is no resource in use"
                }
                mistakes.append(
                    Mistake(
                        resource: resource.name, field: field.name,
                        description: "\(resource.name).\(field.name) refers to \(problem)"))
            }
        }
        return mistakes
    }
}
