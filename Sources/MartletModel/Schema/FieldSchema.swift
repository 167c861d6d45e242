/// One field of a resource, in the form that storages, JSON and OpenAPI read.
public struct FieldSchema: Sendable, Equatable {
    /// Its name in JSON and Swift, camelCase.
    public let name: String
    /// Its column's name: ``name`` in snake_case.
    public let column: String
    public let type: ValueType
    public let isNullable: Bool
    /// Where the value comes from if this is the key, else nil.
    public let key: KeyKind?
    /// A string's length in Unicode scalars, if limited.
    public let length: ClosedRange<Int>?
    public let format: Format?
    public let uniqueness: Uniqueness?
    public let isIndexed: Bool

    /// - Throws: ``SchemaError`` for a name that isn't one, a constraint given twice or one that the type doesn't have.
    public init(
        _ name: String, _ type: ValueType, isNullable: Bool = false, _ constraints: [Constraint] = []
    ) throws(SchemaError) {
        guard Self.isName(name) else {
            throw SchemaError(
                "\"\(name)\" is no field name: a lower-case letter, then letters and digits, 63 at the most")
        }
        let given = try GivenConstraints(constraints, on: name, type)
        self.name = name
        self.column = Self.snakeCase(name)
        self.type = type
        self.isNullable = isNullable
        (key, length, format) = (given.key, given.length, given.format)
        (uniqueness, isIndexed) = (given.uniqueness, given.isIndexed)
        if key != nil {
            guard type == .integer, !isNullable else { throw SchemaError("\(name): a generated key is an integer") }
        }
    }

    /// Clients can't write it: the storage assigns it.
    public var isReadOnly: Bool { key == .generated }

    /// A new record has to come with it.
    public var isRequired: Bool { !isReadOnly && !isNullable }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, (1...63).contains(name.utf8.count) else { return false }
        return isLowerCase(first) && name.utf8.allSatisfy { isLowerCase($0) || isUpperCase($0) || isDigit($0) }
    }

    private static func snakeCase(_ name: String) -> String {
        var column = ""
        for byte in name.utf8 {
            let character = Character(UnicodeScalar(byte))
            column += isUpperCase(byte) ? "_" + character.lowercased() : String(character)
        }
        return column
    }
}

/// The constraints of one field, sorted by kind.
private struct GivenConstraints {
    var key: KeyKind?
    var length: ClosedRange<Int>?
    var format: Format?
    var uniqueness: Uniqueness?
    var isIndexed = false

    init(_ constraints: [Constraint], on name: String, _ type: ValueType) throws(SchemaError) {
        for constraint in constraints {
            let isNew: Bool
            switch constraint {
            case .key(let kind): isNew = key == nil; key = kind
            case .length(let range): isNew = length == nil; length = range
            case .format(let syntax): isNew = format == nil; format = syntax
            case .unique(let kind): isNew = uniqueness == nil; uniqueness = kind
            case .indexed: isNew = !isIndexed; isIndexed = true
            }
            guard isNew else { throw SchemaError("\(name): \(constraint) is given twice") }
        }
        guard type == .string || (length == nil && format == nil && uniqueness != .ignoringASCIICase) else {
            throw SchemaError("\(name): length, format and ignoringCase are for strings")
        }
        guard (length?.lowerBound ?? 0) >= 0 else { throw SchemaError("\(name): no length is negative") }
    }
}
