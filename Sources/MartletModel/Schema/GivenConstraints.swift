/// The constraints of one field, sorted by kind and each checked against the field's type.
struct GivenConstraints {
    private(set) var key: KeyKind?
    private(set) var length: ClosedRange<Int>?
    private(set) var range: ValueRange?
    private(set) var pattern: Pattern?
    private(set) var format: Format?
    private(set) var values: [String] = []
    private(set) var uniqueness: Uniqueness?
    private(set) var isIndexed = false
    private(set) var defaultValue: JSONValue?
    private(set) var isReadOnly = false
    private(set) var isWriteOnly = false
    private(set) var managed: ManagedField?
    private(set) var reference: Reference?
    private(set) var column: String?
    private(set) var renamedFrom: String?
    private let name: String
    private let type: ValueType

    init(
        _ constraints: [Constraint], on name: String, _ type: ValueType, isNullable: Bool
    ) throws(SchemaError) {
        (self.name, self.type) = (name, type)
        var seen: Set<String> = []
        for constraint in constraints {
            guard seen.insert(constraint.name).inserted else {
                throw SchemaError("\(name): \(constraint.name) is given twice", at: constraint.name)
            }
            try take(constraint)
        }
        if type == .enumeration, values.isEmpty {
            throw SchemaError("\(name): an enumeration needs its values", at: "values")
        }
        try checkRoles(isNullable: isNullable)
    }

    private mutating func take(_ constraint: Constraint) throws(SchemaError) {
        switch constraint {
        case .key(let kind): key = kind
        case .length(let length):
            try require(type == .string || type == .bytes, "is for strings and bytes", constraint)
            try require(length.lowerBound >= 0, "can't be negative", constraint)
            self.length = length
        case .range(let range): self.range = try checked(range, constraint)
        case .pattern(let source):
            try require(type == .string, "is for strings", constraint)
            pattern = try compiled(source)
        case .format(let format):
            try require(type == .string, "is for strings", constraint)
            self.format = format
        case .values(let values): self.values = try checked(values, constraint)
        case .unique(let uniqueness):
            try require(type != .json, "is not for json", constraint)
            try require(uniqueness == .exact || type == .string, "can ignore the case of strings alone", constraint)
            self.uniqueness = uniqueness
        case .indexed:
            try require(type != .json, "is not for json", constraint)
            isIndexed = true
        case .default(let value): defaultValue = value
        case .readOnly: isReadOnly = true
        case .writeOnly: isWriteOnly = true
        case .managed(let field):
            try require(type == .timestamp, "is for timestamps", constraint)
            managed = field
        case .reference(let reference):
            try require([.integer, .string, .uuid].contains(type), "is of its key's type", constraint)
            self.reference = reference
        case .column(let column):
            try require(isIdentifier(column), "must be lower-case letters, digits and _, 63 at the most", constraint)
            self.column = column
        case .renamedFrom(let before):
            try require(FieldSchema.isName(before) && before != name, "must be another field name", constraint)
            renamedFrom = before
        }
    }

    private func require(_ holds: Bool, _ rule: String, _ constraint: Constraint) throws(SchemaError) {
        guard holds else { throw SchemaError("\(name): \(constraint.name) \(rule)", at: constraint.name) }
    }

    private func checked(_ range: ValueRange, _ constraint: Constraint) throws(SchemaError) -> ValueRange {
        switch (type, range) {
        case (.integer, .integers), (.number, .numbers): return range
        case (.number, .integers(let bounds)):
            // An open end of integers is an open end of numbers.
            let low = bounds.lowerBound == .min ? -Double.greatestFiniteMagnitude : Double(bounds.lowerBound)
            let high = bounds.upperBound == .max ? Double.greatestFiniteMagnitude : Double(bounds.upperBound)
            return .numbers(low...high)
        default:
            let rule = type == .integer ? "has integers as its bounds" : "is for integers and numbers"
            throw SchemaError("\(name): range \(rule)", at: constraint.name)
        }
    }

    private func checked(_ values: [String], _ constraint: Constraint) throws(SchemaError) -> [String] {
        try require(type == .enumeration, "is for enumerations", constraint)
        let spellings = Set(values.map { Array($0.utf8) })
        try require(!values.isEmpty && spellings.count == values.count, "must be different texts", constraint)
        try require(!spellings.contains { $0.contains(0) }, "must not contain U+0000", constraint)
        return values
    }

    private func compiled(_ source: String) throws(SchemaError) -> Pattern {
        do throws(SchemaError) {
            return try Pattern(source)
        } catch {
            throw SchemaError("\(name): \(error)", at: "pattern")
        }
    }

    /// What a field is can exclude what else it is.
    private func checkRoles(isNullable: Bool) throws(SchemaError) {
        if let key { try check(key, isNullable: isNullable) }
        if managed != nil, key != nil || reference != nil || defaultValue != nil || isWriteOnly || isNullable {
            throw SchemaError(
                "\(name): the server keeps a managed field: it is no key or reference, has no default and is never null",
                at: "managed")
        }
        guard !(isReadOnly && isWriteOnly) else {
            throw SchemaError("\(name): readOnly and writeOnly exclude each other", at: "writeOnly")
        }
        if isReadOnly, key == nil, managed == nil, !isNullable, defaultValue == nil {
            throw SchemaError(
                "\(name): nobody could give a readOnly field its value: it needs a default, or must be nullable",
                at: "readOnly")
        }
        if reference?.onDelete == .setNull, !isNullable {
            throw SchemaError("\(name): onDelete setNull needs a nullable field", at: "onDelete")
        }
    }

    private func check(_ kind: KeyKind, isNullable: Bool) throws(SchemaError) {
        let isPossible = [.integer, .uuid].contains(type) || (type == .string && kind == .assigned)
        guard isPossible, !isNullable else {
            throw SchemaError(
                "\(name): a generated key is an integer or a uuid, an assigned one may be a string; neither is null",
                at: "key")
        }
        guard defaultValue == nil, reference == nil, !isReadOnly, !isWriteOnly, uniqueness == nil, !isIndexed else {
            throw SchemaError(
                "\(name): a key is unique and indexed by itself, and has no default, reference or access of its own",
                at: "key")
        }
        // A path can't have an empty last segment.
        guard type != .string || (length?.lowerBound ?? 0) >= 1 else {
            throw SchemaError("\(name): a string that is a key needs a length of at least 1", at: "length")
        }
    }
}

extension Constraint {
    /// As a declaration in YAML calls it.
    var name: String {
        switch self {
        case .key: "key"
        case .length: "length"
        case .range: "range"
        case .pattern: "pattern"
        case .format: "format"
        case .values: "values"
        case .unique: "unique"
        case .indexed: "indexed"
        case .default: "default"
        case .readOnly: "readOnly"
        case .writeOnly: "writeOnly"
        case .managed: "managed"
        case .reference: "references"
        case .column: "column"
        case .renamedFrom: "renamedFrom"
        }
    }
}

/// Whether a text can be the name of a table or column that is given by hand.
func isIdentifier(_ text: String) -> Bool {
    guard let first = text.utf8.first, (1...63).contains(text.utf8.count), isLowerCase(first) else { return false }
    return text.utf8.allSatisfy { isLowerCase($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
}
