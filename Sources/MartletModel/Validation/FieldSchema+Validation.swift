extension FieldSchema {
    /// What is wrong with a cell as this writable field's value, the whole rule: presence, type and constraints.
    package func error(in cell: Cell, of rows: RowBatch, for kind: WriteKind) -> FieldError? {
        switch cell.tag {
        case .absent:
            return isRequired && kind != .patch ? FieldError(field: name, .required, "is required") : nil
        case .null:
            return isNullable ? nil : FieldError(field: name, .notNullable, "must not be null")
        case _ where cell.tag != type.tag: return typeError
        case .integer, .number: return range == nil ? nil : rangeError(in: cell)
        case .boolean, .timestamp, .date, .uuid, .json: return nil
        case .string: return rows.withBytes(of: cell) { error(inText: $0) }
        case .bytes:
            if let length, !length.contains(Int(cell.length)) {
                return FieldError(field: name, .length, "must have \(Self.describe(length, "byte"))")
            }
            return limitError(Int(cell.length), "")
        }
    }

    private func limitError(_ count: Int, _ encoding: String) -> FieldError? {
        guard let byteLimit, count > byteLimit else { return nil }
        return FieldError(field: name, .length, "must have at most \(byteLimit) bytes\(encoding)")
    }

    /// What is wrong with giving this field, which clients don't write.
    func readOnlyError(_ cell: Cell, of rows: RowBatch, isGiven: Bool, for kind: WriteKind) -> FieldError? {
        guard isGiven else { return nil }
        guard case .replace(let pathKey, _) = kind else {
            return FieldError(field: name, .readOnly, "is set by the server")
        }
        return key == nil ? nil : keyMismatch(cell, of: rows, pathKey)
    }

    /// PUT: the body may repeat the path's key, and say no other.
    func keyMismatch(_ cell: Cell, of rows: RowBatch, _ pathKey: Key) -> FieldError? {
        guard Key(cell, of: rows) != pathKey else { return nil }
        return FieldError(field: name, .keyMismatch, "must be \(pathKey), as in the path")
    }

    private func rangeError(in cell: Cell) -> FieldError? {
        let rule: String
        switch range {
        case .integers(let bounds):
            guard let value = cell.integer, !bounds.contains(value) else { return nil }
            rule = Self.describe(bounds.lowerBound, bounds.upperBound, .min, .max)
        case .numbers(let bounds):
            guard let value = cell.number, !bounds.contains(value) else { return nil }
            let most = Double.greatestFiniteMagnitude
            rule = Self.describe(bounds.lowerBound, bounds.upperBound, -most, most)
        case nil: return nil
        }
        return FieldError(field: name, .range, "must be \(rule)")
    }

    /// What is wrong with a string value, given as valid UTF-8.
    private func error(inText utf8: UnsafeRawBufferPointer) -> FieldError? {
        if type == .enumeration {
            guard !valueBytes.contains(where: { utf8.elementsEqual($0) }) else { return nil }
            return FieldError(field: name, .enumeration, "must be one of \(values.joined(separator: ", "))")
        }
        if utf8.contains(0) { return FieldError(field: name, .characters, "must not contain U+0000") }
        if let length, !length.contains(scalarCount(utf8)) {
            return FieldError(field: name, .length, "must have \(Self.describe(length, "character"))")
        }
        if let error = limitError(utf8.count, " in UTF-8") { return error }
        // Clients take such a segment out of a path, however it is encoded (RFC 3986, section 6.2.2.3).
        if key != nil, utf8.elementsEqual(".".utf8) || utf8.elementsEqual("..".utf8) {
            return FieldError(field: name, .characters, "must not be . or .., which no path can end in")
        }
        if let pattern, !pattern.matches(utf8) {
            return FieldError(field: name, .pattern, "must match \(pattern.source)")
        }
        switch format {
        case .email where !isEmailAddress(utf8): return FieldError(field: name, .format, "must be an e-mail address")
        case .email, nil: return nil
        }
    }

    private static func describe(_ length: ClosedRange<Int>, _ unit: String) -> String {
        let (low, high) = (length.lowerBound, length.upperBound)
        if low == high { return "\(low) \(unit)\(low == 1 ? "" : "s")" }
        if high == .max { return "at least \(low) \(unit)\(low == 1 ? "" : "s")" }
        return low == 0 ? "at most \(high) \(unit)\(high == 1 ? "" : "s")" : "\(low) to \(high) \(unit)s"
    }

    private static func describe<Value: Comparable>(_ low: Value, _ high: Value, _ least: Value, _ most: Value)
        -> String
    {
        if high == most { return "at least \(low)" }
        return low == least ? "at most \(high)" : "\(low) to \(high)"
    }
}

extension ValueType {
    /// What a cell that holds such a value is.
    public var tag: Cell.Tag {
        switch self {
        case .integer: .integer
        case .number: .number
        case .string, .enumeration: .string
        case .boolean: .boolean
        case .timestamp: .timestamp
        case .date: .date
        case .uuid: .uuid
        case .bytes: .bytes
        case .json: .json
        }
    }
}

/// Unicode scalars in valid UTF-8: the bytes that don't continue one.
private func scalarCount(_ utf8: UnsafeRawBufferPointer) -> Int {
    var count = 0
    for byte in utf8 where byte & 0xC0 != 0x80 { count += 1 }
    return count
}
