/// One field of a resource, in the form that storages, JSON and OpenAPI read.
///
/// Immutable, and a class because validation walks fields for every request: that costs one reference count each.
public final class FieldSchema: Sendable {
    /// Its name in JSON and Swift, camelCase.
    public let name: String
    /// Its column's name: ``name`` in snake_case, unless the schema says otherwise.
    public let column: String
    public let type: ValueType
    public let isNullable: Bool
    /// Where the value comes from if this is the key, else nil.
    public let key: KeyKind?
    /// A string's length in Unicode scalars or the number of bytes, if limited.
    public let length: ClosedRange<Int>?
    /// The most bytes that its text or its bytes may have, because an index or a reference holds them: see ``IndexLimits``.
    /// Nil when nothing does.
    public let byteLimit: Int?
    /// The bounds of an integer or number, if limited; of the field's type.
    public let range: ValueRange?
    public let pattern: Pattern?
    public let format: Format?
    /// What an enumeration can be, in the order in which it was declared.
    public let values: [String]
    public let uniqueness: Uniqueness?
    public let isIndexed: Bool
    /// What holds when the field is not given, as JSON.
    public let defaultValue: JSONValue?
    /// Clients never read it.
    public let isWriteOnly: Bool
    /// Clients can't write it, because its author said so.
    public let isDeclaredReadOnly: Bool
    /// What the server keeps in it, if it does.
    public let managed: ManagedField?
    public let reference: Reference?
    /// The name that the field had before. A migration then gives its column the new name, values and all.
    public let renamedFrom: String?
    /// What its column was called if it was made by ``renamedFrom``, or before the schema chose ``column``.
    public let formerColumns: [String]
    /// Clients can't write it.
    public let isReadOnly: Bool
    /// A new record has to come with it.
    public let isRequired: Bool
    /// ``values`` in UTF-8, and the default's cell.
    let valueBytes: [[UInt8]]
    package let defaultCell: RowBatch?
    private let given: GivenConstraints

    /// - Throws: ``SchemaError`` for a name that isn't one, a constraint given twice, one that the type doesn't have, and
    ///   a default that the other constraints refuse.
    public convenience init(
        _ name: String, _ type: ValueType, isNullable: Bool = false, _ constraints: [Constraint] = []
    ) throws(SchemaError) {
        guard Self.isName(name) else {
            throw SchemaError(
                "\"\(name)\" is no field name: a lower-case letter, then letters and digits, 63 at the most")
        }
        let given = try GivenConstraints(constraints, on: name, type, isNullable: isNullable)
        try Self.check(column: given.column ?? Self.snakeCase(name), of: name)
        let limit = IndexLimits.limit(of: type, given)
        // The default is judged by all that is said of the field beside it.
        let cell = try FieldSchema(name, type, isNullable, given, limit, nil).defaultRow()
        self.init(name, type, isNullable, given, limit, cell)
        try checkLimit()
    }

    /// The same field where an index of several holds it too.
    /// - Throws: ``SchemaError`` when its default or a value of its enumeration is longer.
    func limited(toBytes limit: Int) throws(SchemaError) -> FieldSchema {
        guard limit < byteLimit ?? .max else { return self }
        let field = FieldSchema(name, type, isNullable, given, limit, defaultCell)
        _ = try field.defaultRow()
        try field.checkLimit()
        return field
    }

    private init(
        _ name: String, _ type: ValueType, _ isNullable: Bool, _ given: GivenConstraints, _ byteLimit: Int?,
        _ defaultCell: RowBatch?
    ) {
        self.name = name
        self.given = given
        self.byteLimit = byteLimit
        self.column = given.column ?? Self.snakeCase(name)
        self.type = type
        self.isNullable = isNullable
        (key, length, range, pattern) = (given.key, given.length, given.range, given.pattern)
        (format, values, uniqueness, isIndexed) = (given.format, given.values, given.uniqueness, given.isIndexed)
        (isWriteOnly, isDeclaredReadOnly, managed) = (given.isWriteOnly, given.isReadOnly, given.managed)
        (reference, renamedFrom, defaultValue) = (given.reference, given.renamedFrom, given.defaultValue)
        let column = self.column
        formerColumns = [given.renamedFrom, name].compactMap { $0.map(Self.snakeCase) }.filter { $0 != column }
        valueBytes = given.values.map { Array($0.utf8) }
        isReadOnly = given.key == .generated || given.managed != nil || given.isReadOnly
        isRequired = !isReadOnly && !isNullable && given.defaultValue == nil
        self.defaultCell = defaultCell
    }

    /// What a message has for a key, so that messages are read, checked and written like records: clients neither read nor
    /// write it, and its name is no field's.
    static func placeholderKey() throws(SchemaError) -> FieldSchema {
        let given = try GivenConstraints([.key(.generated)], on: "", .integer, isNullable: false)
        return FieldSchema("", .integer, false, given, nil, nil)
    }

    /// One row of one cell, or nil without a default.
    private func defaultRow() throws(SchemaError) -> RowBatch? {
        guard let defaultValue else { return nil }
        var row = RowBatch(width: 1)
        row.appendAbsentRow()
        let error = store(defaultValue, in: &row, row: 0, column: 0) ?? error(in: row[0, 0], of: row, for: .create)
        if let error { throw SchemaError("\(name): the default \(error.detail)", at: "default") }
        return row
    }

    private func checkLimit() throws(SchemaError) {
        guard let byteLimit else { return }
        let rule = "\(name): an index takes \(byteLimit) bytes of it at the most"
        if valueBytes.contains(where: { $0.count > byteLimit }) { throw SchemaError(rule, at: "values") }
        if let length, length.lowerBound > byteLimit { throw SchemaError(rule, at: "length") }
    }

    /// PostgreSQL cuts longer names off, and has columns of its own in every table
    /// (<https://www.postgresql.org/docs/15/ddl-system-columns.html>).
    private static func check(column: String, of name: String) throws(SchemaError) {
        guard column.utf8.count <= 63 else {
            throw SchemaError(
                "\(name): its column, \(column), would have more than the 63 bytes that a database takes: say a shorter one",
                at: "column")
        }
        guard !["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"].contains(column) else {
            throw SchemaError("\(name): PostgreSQL has a column \(column) itself: say another one", at: "column")
        }
    }

    static func isName(_ name: String) -> Bool {
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
