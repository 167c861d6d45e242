extension FieldSchema {
    /// Reads the value that the scanner stands at into a cell, and leaves the scanner behind it.
    /// - Returns: what is wrong when the value isn't of the field's type; the cell is then left as it is.
    func read(
        _ scanner: inout JSONScanner, into rows: inout RowBatch, row: Int, column: Int, depth: Int
    ) throws(JSONError) -> FieldError? {
        switch (scanner.text[scanner.position], type) {
        case (UInt8(ascii: "n"), _):
            try scanner.literal()
            rows.set(row: row, column: column, to: .null)
            return nil
        case (_, .json):
            let value = try scanner.value(depth: max(depth, JSONScanner.maxDepth - JSONScanner.maxFieldDepth + 1))
            rows.set(row: row, column: column, json: value)
            return nil
        case (UInt8(ascii: "\""), .string), (UInt8(ascii: "\""), .enumeration):
            let token = try scanner.string()
            scanner.withUTF8(token) { rows.set(row: row, column: column, to: .string, $0) }
            return nil
        case (UInt8(ascii: "\""), .timestamp), (UInt8(ascii: "\""), .date), (UInt8(ascii: "\""), .uuid),
            (UInt8(ascii: "\""), .bytes):
            let token = try scanner.string()
            return scanner.withUTF8(token) { store(text: $0, in: &rows, row: row, column: column) }
        case (UInt8(ascii: "-"), .integer), (UInt8(ascii: "0")...UInt8(ascii: "9"), .integer),
            (UInt8(ascii: "-"), .number), (UInt8(ascii: "0")...UInt8(ascii: "9"), .number):
            let token = try scanner.number()
            return store(number: scanner.bytes(token.start, token.end), in: &rows, row: row, column: column)
        case (UInt8(ascii: "t"), .boolean), (UInt8(ascii: "f"), .boolean):
            let isTrue = scanner.text[scanner.position] == UInt8(ascii: "t")
            try scanner.literal()
            rows.set(row: row, column: column, to: .boolean(isTrue))
            return nil
        default:
            try scanner.skipValue(depth: depth)
            return typeError
        }
    }

    /// The same for a value that is there as a tree.
    func store(_ value: JSONValue, in rows: inout RowBatch, row: Int, column: Int) -> FieldError? {
        var writer = JSONWriter()
        writer.write(value)
        return writer.withBytes { bytes in
            var scanner = JSONScanner(bytes)
            // What a writer wrote can be read; only its nesting could be too deep.
            let error = try? read(&scanner, into: &rows, row: row, column: column, depth: 1)
            if let error { return error }
            guard rows[row, column].isAbsent else { return nil }
            let rule = "must not be nested deeper than \(JSONScanner.maxFieldDepth) levels"
            return type == .json ? FieldError(field: name, .type, rule) : typeError
        }
    }

    /// The same for a value that a query's parameter spells, which has no quotes. Neither a text nor an enumeration.
    func store(operand: String, in rows: inout RowBatch, row: Int, column: Int) -> FieldError? {
        var operand = operand
        return operand.withUTF8 { utf8 in
            let text = UnsafeRawBufferPointer(utf8)
            switch type {
            case .integer, .number:
                var scanner = JSONScanner(text)
                guard let first = text.first, first == UInt8(ascii: "-") || isDigit(first),
                    (try? scanner.number()) != nil, scanner.position == text.count
                else { return typeError }
                return store(number: text, in: &rows, row: row, column: column)
            case .boolean:
                guard text.elementsEqual("true".utf8) || text.elementsEqual("false".utf8) else { return typeError }
                rows.set(row: row, column: column, to: .boolean(text.count == 4))
                return nil
            default: return store(text: text, in: &rows, row: row, column: column)
            }
        }
    }

    private func store(number: UnsafeRawBufferPointer, in rows: inout RowBatch, row: Int, column: Int) -> FieldError? {
        guard type == .integer else {
            guard let value = JSONNumber.double(number) else {
                return FieldError(field: name, .range, "must be a finite number of 64 bits")
            }
            rows.set(row: row, column: column, to: .number(value))
            return nil
        }
        switch JSONInteger(number) {
        case .value(let value):
            rows.set(row: row, column: column, to: .integer(value))
            return nil
        case .notIntegral: return typeError
        case .outOfRange: return FieldError(field: name, .range, "must be \(Int64.min) to \(Int64.max)")
        }
    }

    /// A value that JSON has as a string with a syntax of its own.
    private func store(
        text: UnsafeRawBufferPointer, in rows: inout RowBatch, row: Int, column: Int
    ) -> FieldError? {
        switch type {
        case .timestamp:
            guard let value = Timestamp(utf8: text) else { return typeError }
            rows.set(row: row, column: column, to: .timestamp(value))
        case .date:
            guard let value = CalendarDate(utf8: text) else { return typeError }
            rows.set(row: row, column: column, to: .date(value))
        case .uuid:
            let isValid = withUnsafeTemporaryAllocation(byteCount: 16, alignment: 1) { bytes in
                guard UUIDText.parse(text, to: bytes) else { return false }
                rows.set(row: row, column: column, to: .uuid, UnsafeRawBufferPointer(bytes))
                return true
            }
            guard isValid else { return typeError }
        default:
            var bytes: [UInt8] = []
            guard Base64.decode(text, appendingTo: &bytes) else { return typeError }
            bytes.withUnsafeBytes { rows.set(row: row, column: column, to: .bytes, $0) }
        }
        return nil
    }

    var typeError: FieldError {
        switch type {
        case .integer: FieldError(field: name, .type, "must be an integer")
        case .number: FieldError(field: name, .type, "must be a number")
        case .string: FieldError(field: name, .type, "must be a string")
        case .boolean: FieldError(field: name, .type, "must be true or false")
        case .enumeration: FieldError(field: name, .type, "must be a string")
        case .timestamp:
            FieldError(
                field: name, .type,
                "must be a time such as 2026-07-01T12:00:00.123456Z: years 0001 to 9999, and at most 6 digits of a second"
            )
        case .date: FieldError(field: name, .type, "must be a day as 2026-07-01 has it, of the years 0001 to 9999")
        case .uuid: FieldError(field: name, .type, "must be a UUID")
        case .bytes: FieldError(field: name, .type, "must be base64 with padding")
        case .json: FieldError(field: name, .type, "must be JSON")
        }
    }
}

extension RowBatch {
    /// Replaces a cell with a JSON value in canonical form; null makes the cell null.
    mutating func set(row: Int, column: Int, json value: JSONValue) {
        guard value != .null else { return set(row: row, column: column, to: .null) }
        var writer = JSONWriter()
        writer.write(value.canonical)
        writer.withBytes { set(row: row, column: column, to: .json, $0) }
    }
}

extension JSONValue {
    /// With the members of every object sorted by their names' UTF-8: two values of the same members are one text.
    public var canonical: JSONValue {
        switch self {
        case .array(let elements): .array(elements.map(\.canonical))
        case .object(let members):
            .object(
                members.map { Member($0.name, $0.value.canonical) }
                    .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) })
        default: self
        }
    }
}
