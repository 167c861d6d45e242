/// What can be said of a field.
enum FieldKey: String, CaseIterable {
    case type, nullable, key, references, onDelete, managed, values, length, range, pattern, format
    case unique, indexed
    case `default`, readOnly, writeOnly, column, renamedFrom
}
