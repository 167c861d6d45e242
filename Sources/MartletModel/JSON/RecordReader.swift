/// Reads records from JSON straight into a ``RowBatch``: no tree in between.
struct RecordReader {
    let schema: ResourceSchema
    private let allowsReferences: Bool
    private(set) var rows: RowBatch
    /// What was there, but isn't of its field's type.
    private(set) var typeErrors: [Int: FieldError] = [:]
    /// Fields that are given as `{"$ref": "0/id"}`, where that is allowed, with what they refer to.
    private(set) var references: [Int: String] = [:]
    /// Members that are no field, in their order, up to ``maxUnknown``.
    private(set) var unknownNames: [String] = []
    private var unknownSeen: Set<[UInt8]> = []

    /// One more than a response lists, which tells that there are more: a hostile body has tens of thousands.
    static let maxUnknown = Problem.maxErrors + 1

    init(_ schema: ResourceSchema, reservingBytes bytes: Int, allowsReferences: Bool = false) {
        self.schema = schema
        self.allowsReferences = allowsReferences
        rows = RowBatch(width: schema.width, reservingRows: 1, bytes: bytes)
    }

    /// Reads the object that the scanner stands at as the next row. An unknown member is remembered, not an error.
    mutating func readObject(_ scanner: inout JSONScanner, depth: Int) throws(JSONError) {
        rows.appendAbsentRow()
        let row = rows.count - 1
        var expected = 0
        try scanner.object(depth: depth) { scanner, name throws(JSONError) in
            guard let column = column(of: name, in: scanner, expected: expected) else {
                return try skipUnknown(name, &scanner, depth: depth)
            }
            expected = column + 1
            guard rows[row, column].isAbsent, typeErrors[column] == nil, references[column] == nil else {
                throw scanner.duplicate(name)
            }
            try readValue(&scanner, row: row, column: column, depth: depth)
        }
    }

    /// Sets a field of the first row that stands elsewhere in the request. In the body it is no member that is known.
    mutating func set(_ column: Int, to cell: Cell, of row: RowBatch) {
        if !rows[0, column].isAbsent || typeErrors.removeValue(forKey: column) != nil {
            unknownNames.append(schema.fields[column].name)
        }
        rows.set(row: 0, column: column, to: cell, of: row)
    }

    /// Reads the object that the scanner stands at as the next row, and forgets what is unknown.
    /// - Throws: ``JSONError`` if it is no object, or has a field of another type.
    mutating func readRecord(_ scanner: inout JSONScanner, depth: Int) throws(JSONError) {
        guard scanner.text[scanner.position] == UInt8(ascii: "{") else { throw scanner.error("expected a record") }
        let start = scanner.position
        try readObject(&scanner, depth: depth)
        if let column = typeErrors.keys.min() {
            throw scanner.error("\(schema.fields[column].name) is not of its type", at: start)
        }
        (unknownNames, unknownSeen) = ([], [])
    }

    /// The column of a name. Clients mostly send the fields in the schema's order, so the `expected` one is tried first.
    private func column(of token: JSONScanner.StringToken, in scanner: JSONScanner, expected: Int) -> Int? {
        scanner.withUTF8(token) { name in
            if expected < schema.nameBytes.count, name.elementsEqual(schema.nameBytes[expected]) { return expected }
            return schema.column(named: name)
        }
    }

    private mutating func skipUnknown(
        _ name: JSONScanner.StringToken, _ scanner: inout JSONScanner, depth: Int
    ) throws(JSONError) {
        guard unknownSeen.insert(scanner.withUTF8(name) { Array($0) }).inserted else { throw scanner.duplicate(name) }
        if unknownNames.count < Self.maxUnknown { unknownNames.append(scanner.value(name)) }
        try scanner.skipValue(depth: depth + 1)
    }

    private mutating func readValue(
        _ scanner: inout JSONScanner, row: Int, column: Int, depth: Int
    ) throws(JSONError) {
        guard column != schema.versionIndex else { return try readVersion(&scanner, row: row, depth: depth) }
        let field = schema.fields[column]
        if allowsReferences, field.type != .json, scanner.text[scanner.position] == UInt8(ascii: "{") {
            switch EarlierValue(try scanner.value(depth: depth + 1)) {
            case .reference(let reference): references[column] = reference
            case .malformed(let reason): typeErrors[column] = FieldError(field: field.name, .type, reason)
            case .none: typeErrors[column] = field.typeError
            }
        } else if let error = try field.read(&scanner, into: &rows, row: row, column: column, depth: depth + 1) {
            typeErrors[column] = error
        }
    }

    private mutating func readVersion(_ scanner: inout JSONScanner, row: Int, depth: Int) throws(JSONError) {
        switch scanner.text[scanner.position] {
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            let token = try scanner.number()
            if case .value(let version) = JSONInteger(scanner.bytes(token.start, token.end)) {
                return rows.set(row: row, column: schema.versionIndex, to: .integer(version))
            }
        default: try scanner.skipValue(depth: depth + 1)
        }
        typeErrors[schema.versionIndex] = FieldError(
            field: ResourceSchema.versionName, .type, "must be the version of a record, an integer")
    }
}

/// What an object in the place of a value means within a batch.
private enum EarlierValue {
    /// `{"$ref": "0/id"}`, with its text.
    case reference(String)
    /// It is meant as a reference; with what is wrong, as it completes "`name` …".
    case malformed(String)
    case none

    init(_ object: JSONValue) {
        guard let reference = object["$ref"] else {
            self = .none
            return
        }
        if object.members?.count != 1 {
            self = .malformed("must have no other member beside $ref, as in {\"$ref\":\"0/id\"}")
        } else if let text = reference.string {
            self = .reference(text)
        } else {
            self = .malformed("must have a string as $ref, as in {\"$ref\":\"0/id\"}")
        }
    }
}

extension ResourceSchema {
    /// The records in a server's answer: an object, or an array of them. Unknown fields are skipped, so that an older
    /// client reads a newer server's records; fields that the answer doesn't have are absent.
    /// - Throws: ``JSONError`` for anything else, a field of another type included.
    public func readRecords(json text: UnsafeRawBufferPointer) throws(JSONError) -> RowBatch {
        var reader = RecordReader(self, reservingBytes: text.count)
        var scanner = JSONScanner(text)
        if try scanner.next() == UInt8(ascii: "[") {
            try scanner.array(depth: 1) { scanner throws(JSONError) in
                try reader.readRecord(&scanner, depth: 2)
            }
        } else {
            try reader.readRecord(&scanner, depth: 1)
        }
        try scanner.finish()
        return reader.rows
    }
}
