import MartletModel

extension ResourceSchema {
    /// The same resource with other constraints.
    /// - Parameters:
    ///   - change: a field's constraints instead of its own; nil keeps these.
    ///   - sets: whether values are unique together.
    func changing(_ change: (FieldSchema) -> [Constraint]?, sets: Bool) -> ResourceSchema {
        let changed = fields.map { field in
            let enumeration = field.values.isEmpty ? [] : [Constraint.values(field.values)]
            guard let constraints = change(field) else { return field }
            return
                (try? FieldSchema(
                    field.name, field.type, isNullable: field.isNullable, enumeration + constraints)) ?? field
        }
        let unique = sets ? compounds.filter(\.isUnique).map { $0.columns.map { fields[$0].name } } : []
        return (try? ResourceSchema(name, changed, unique: unique)) ?? self
    }
}

extension FieldSchema {
    /// What storages keep to.
    var constraints: [Constraint] {
        var constraints: [Constraint] = []
        if let key { constraints.append(.key(key)) }
        if let length { constraints.append(.length(length)) }
        if let uniqueness { constraints.append(.unique(uniqueness)) }
        if let defaultValue { constraints.append(.default(defaultValue)) }
        if let managed { constraints.append(.managed(managed)) }
        if let reference { constraints.append(.reference(reference)) }
        if isDeclaredReadOnly { constraints.append(.readOnly) }
        return constraints
    }

    /// The same with another constraint in the place of those that are like it.
    func replacing(_ isReplaced: (Constraint) -> Bool, with other: Constraint?) -> [Constraint]? {
        guard constraints.contains(where: isReplaced) else { return nil }
        return constraints.filter { !isReplaced($0) } + [other].compactMap(\.self)
    }
}
