/// Reads records from JSON straight into a ``RowBatch``: no tree in between.
struct RecordReader {
    private let schema: ResourceSchema
    private(set) var rows: RowBatch
    /// What was there, but isn't of its field's type.
    private(set) var typeErrors: [Int: FieldError] = [:]
    /// Members that are no field, in their order, up to ``maxUnknown``.
    private(set) var unknownNames: [String] = []
    private var unknownSeen: Set<[UInt8]> = []

    /// A hostile body has tens of thousands of unknown members: naming them all would make an answer ten times its size.
    static let maxUnknown = 50

    init(_ schema: ResourceSchema, reservingBytes bytes: Int) {
        self.schema = schema
        rows = RowBatch(width: schema.fields.count, reservingRows: 1, bytes: bytes)
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
            guard rows[row, column].isAbsent, typeErrors[column] == nil else { throw scanner.duplicate(name) }
            try readValue(&scanner, row: row, column: column, depth: depth)
        }
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
            return schema.nameBytes.firstIndex { name.elementsEqual($0) }
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
        let field = schema.fields[column]
        switch (scanner.text[scanner.position], field.type) {
        case (UInt8(ascii: "\""), .string):
            let token = try scanner.string()
            scanner.withUTF8(token) { rows.set(row: row, column: column, utf8: $0) }
        case (UInt8(ascii: "-"), .integer), (UInt8(ascii: "0")...UInt8(ascii: "9"), .integer):
            let token = try scanner.number()
            switch JSONInteger(scanner.bytes(token.start, token.end)) {
            case .value(let value): rows.set(row: row, column: column, to: .integer(value))
            case .notIntegral: typeErrors[column] = field.typeError
            case .outOfRange:
                typeErrors[column] = FieldError(
                    field: field.name, .range, "must be \(Int64.min) to \(Int64.max)")
            }
        case (UInt8(ascii: "n"), _):
            try scanner.literal()
            rows.set(row: row, column: column, to: .null)
        default:
            try scanner.skipValue(depth: depth + 1)
            typeErrors[column] = field.typeError
        }
    }
}

extension ValidatedRow {
    /// Parses and checks a request's body in one pass.
    /// - Throws: ``ProblemCode/malformedJSON`` with the byte offset, or ``ProblemCode/validationFailed`` with every
    ///   field's error in the schema's order, and then the unknown fields as they came.
    public init(
        json text: UnsafeRawBufferPointer, _ schema: ResourceSchema, for kind: WriteKind
    ) throws(Problem) {
        let reader: RecordReader
        do throws(JSONError) {
            reader = try Self.read(text, schema)
        } catch {
            throw Problem(.malformedJSON, "The body is not valid JSON: \(error).")
        }
        guard !reader.rows.isEmpty else {
            throw .validationFailed([FieldError(at: .pointer("#"), .type, "must be an object")])
        }
        let unknown = reader.unknownNames.map {
            FieldError(field: $0, .unknownField, "is not a field of \(schema.name)")
        }
        try self.init(reader.rows, schema, for: kind, typeErrors: reader.typeErrors, unknown: unknown)
    }

    /// A reader with one row, or none when the text is valid but no object.
    private static func read(
        _ text: UnsafeRawBufferPointer, _ schema: ResourceSchema
    ) throws(JSONError) -> RecordReader {
        var reader = RecordReader(schema, reservingBytes: min(text.count, 4096))
        var scanner = JSONScanner(text)
        if try scanner.next() == UInt8(ascii: "{") {
            try reader.readObject(&scanner, depth: 1)
        } else {
            try scanner.skipValue(depth: 1)
        }
        try scanner.finish()
        return reader
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
