extension ValidatedRow {
    /// Parses and checks a request's body in one pass.
    /// - Throws: ``ProblemCode/malformedJSON`` with the byte offset, or ``ProblemCode/validationFailed`` with every
    ///   field's error in the schema's order, and then the unknown fields as they came.
    public init(
        json text: UnsafeRawBufferPointer, _ schema: ResourceSchema, for kind: WriteKind
    ) throws(Problem) {
        let reader = try parse(text) { scanner throws(JSONError) in
            try RecordReader.read(&scanner, schema, depth: 1)
        }
        self = try Self.row(reader, schema, for: kind)
    }

    fileprivate static func row(
        _ reader: RecordReader?, _ schema: ResourceSchema, for kind: WriteKind
    ) throws(Problem) -> ValidatedRow {
        do throws(InvalidRow) {
            return try ValidatedRow(reader, for: kind)
        } catch {
            var errors = BodyErrors()
            errors.append(error, schema, for: kind)
            throw errors.problem
        }
    }

    /// - Parameter reader: has one row; nil when what was there is no object.
    init(_ reader: RecordReader?, for kind: WriteKind) throws(InvalidRow) {
        guard let reader else { throw InvalidRow(FieldError(at: .pointer("#"), .type, "must be an object")) }
        let unknown = reader.unknownNames.map {
            FieldError.unknownMember($0, "is not a field of \(reader.schema.name)")
        }
        try self.init(
            reader.rows, reader.schema, for: kind, typeErrors: reader.typeErrors, references: reader.references,
            unknown: unknown)
    }
}

/// The records that a POST is to make: one object, or an array of them.
public struct NewRecords: Sendable {
    public let rows: [ValidatedRow]
    public let isArray: Bool

    /// In one body.
    public static let limit = 1000

    /// - Throws: ``Problem`` as ``ValidatedRow`` does; in an array with every record's errors. Of one that is too long, those of
    ///   the first ``limit`` records.
    public init(json text: UnsafeRawBufferPointer, _ schema: ResourceSchema) throws(Problem) {
        var readers: [RecordReader?] = []
        var count = 0
        isArray = try parse(text) { scanner throws(JSONError) in
            guard scanner.text[scanner.position] == UInt8(ascii: "[") else {
                readers.append(try RecordReader.read(&scanner, schema, depth: 1))
                return false
            }
            try scanner.array(depth: 1) { scanner throws(JSONError) in
                count += 1
                // What lies beyond the limit only has to be JSON.
                guard count <= Self.limit else { return try scanner.skipValue(depth: 2) }
                readers.append(try RecordReader.read(&scanner, schema, depth: 2))
            }
            return true
        }
        guard isArray else {
            rows = [try ValidatedRow.row(readers[0], schema, for: .create)]
            return
        }
        rows = try Self.validated(readers, of: count, schema)
    }

    /// - Parameter count: how many records the array has, those beyond the limit included.
    private static func validated(
        _ readers: [RecordReader?], of count: Int, _ schema: ResourceSchema
    ) throws(Problem) -> [ValidatedRow] {
        let results = readers.map { reader in
            Result { () throws(InvalidRow) in try ValidatedRow(reader, for: .create) }
        }
        let rows = results.compactMap { try? $0.get() }
        let isOfLength = (1...limit).contains(count)
        guard !isOfLength || rows.count < results.count else { return rows }
        var errors = BodyErrors()
        if !isOfLength {
            let rule = "must have 1 to \(limit) records, not \(count)"
            errors.append([FieldError(at: .pointer("#"), .length, rule)])
        }
        for (index, result) in results.enumerated() {
            switch result {
            case .success(let row): errors.append([], of: row.cells, schema, isNew: true, under: "/\(index)")
            case .failure(let invalid): errors.append(invalid, schema, for: .create, under: "/\(index)")
            }
        }
        throw errors.problem
    }
}

extension RecordReader {
    /// A reader with one row, that of the object which the scanner stands at; nil, and the scanner behind it, for any
    /// other value.
    static func read(
        _ scanner: inout JSONScanner, _ schema: ResourceSchema, depth: Int, allowsReferences: Bool = false
    ) throws(JSONError) -> RecordReader? {
        guard scanner.text[scanner.position] == UInt8(ascii: "{") else {
            try scanner.skipValue(depth: depth)
            return nil
        }
        let bytes = min(scanner.text.count - scanner.position, 1024)
        var reader = RecordReader(schema, reservingBytes: bytes, allowsReferences: allowsReferences)
        try reader.readObject(&scanner, depth: depth)
        return reader
    }
}

/// Parses a whole body.
/// - Throws: ``ProblemCode/malformedJSON`` with the byte offset.
func parse<Result>(
    _ text: UnsafeRawBufferPointer, _ body: (inout JSONScanner) throws(JSONError) -> Result
) throws(Problem) -> Result {
    do throws(JSONError) {
        var scanner = JSONScanner(text)
        _ = try scanner.next()
        let result = try body(&scanner)
        try scanner.finish()
        return result
    } catch {
        let reason = JSONError.otherEncoding(of: text) ?? error.description
        throw Problem(.malformedJSON, "The body is not valid JSON: \(reason).")
    }
}
