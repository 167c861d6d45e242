/// A field of a ``Model``: its name, where it lies in the record, and its constraints.
public struct Field<Record, Value: FieldValue> {
    let name: String
    let path: KeyPath<Record, Value>
    let constraints: [Constraint]

    public init(_ name: String, _ path: KeyPath<Record, Value>, _ constraints: Constraint...) {
        self.name = name
        self.path = path
        self.constraints = constraints
    }

    func schema() throws(SchemaError) -> FieldSchema {
        let values = Value.enumerationValues
        return try FieldSchema(
            name, Value.valueType, isNullable: Value.isNullable,
            values.isEmpty ? constraints : constraints + [.values(values)])
    }
}
