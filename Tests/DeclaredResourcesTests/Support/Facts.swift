import MartletModel

/// All that a schema says of a field, to compare two.
func facts(_ field: FieldSchema) -> [String] {
    [
        field.name, field.column, "\(field.type)", "nullable \(field.isNullable)", "key \(show(field.key))",
        "length \(show(field.length))", "range \(show(field.range))", "pattern \(show(field.pattern?.source))",
        "format \(show(field.format))", "values \(field.values)", "unique \(show(field.uniqueness))",
        "indexed \(field.isIndexed)", "default \(show(field.defaultValue))", "writeOnly \(field.isWriteOnly)",
        "readOnly \(field.isDeclaredReadOnly)", "managed \(show(field.managed))",
        "references \(show(field.reference))", "renamedFrom \(show(field.renamedFrom))",
    ]
}

/// All that a schema says of a resource.
func facts(_ resource: ResourceSchema) -> [String] {
    let own = ["\(resource.name) in \(resource.table)", "preconditions \(resource.requiresPreconditions)"]
    return own + resource.compounds.map { "\($0)" } + resource.fields.flatMap(facts)
}

private func show(_ value: (some Any)?) -> String {
    value.map { "\($0)" } ?? "none"
}
