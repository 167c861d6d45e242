extension FieldSchema {
    /// What is wrong with a cell as this writable field's value, the whole rule: presence, type and constraints.
    func error(in cell: Cell, of rows: RowBatch, for kind: WriteKind) -> FieldError? {
        switch cell.tag {
        case .absent:
            return isRequired && kind != .patch ? FieldError(field: name, .required, "is required") : nil
        case .null:
            return isNullable ? nil : FieldError(field: name, .notNullable, "must not be null")
        case .integer:
            return type == .integer ? nil : typeError
        case .string:
            guard type == .string else { return typeError }
            return rows.withBytes(of: cell) { error(inText: $0) }
        }
    }

    var typeError: FieldError {
        switch type {
        case .integer: FieldError(field: name, .type, "must be an integer")
        case .string: FieldError(field: name, .type, "must be a string")
        }
    }

    /// What is wrong with giving, or not giving, this read-only field.
    func readOnlyError(_ cell: Cell, isGiven: Bool, for kind: WriteKind) -> FieldError? {
        guard isGiven else { return nil }
        guard case .replace(let pathKey) = kind else {
            return FieldError(field: name, .readOnly, "is assigned by the server")
        }
        guard key == nil || cell.integer.map(Key.integer) == pathKey else {
            return FieldError(field: name, .keyMismatch, "must be \(pathKey), as in the path")
        }
        return nil
    }

    /// What is wrong with a string value, given as valid UTF-8.
    private func error(inText utf8: UnsafeRawBufferPointer) -> FieldError? {
        if utf8.contains(0) { return FieldError(field: name, .characters, "must not contain U+0000") }
        if let length, !length.contains(scalarCount(utf8)) {
            return FieldError(field: name, .length, "must have \(Self.describe(length))")
        }
        switch format {
        case .email where !isEmailAddress(utf8): return FieldError(field: name, .format, "must be an e-mail address")
        case .email, nil: return nil
        }
    }

    private static func describe(_ length: ClosedRange<Int>) -> String {
        let (low, high) = (length.lowerBound, length.upperBound)
        if low == high { return "\(low) character\(low == 1 ? "" : "s")" }
        if high == .max { return "at least \(low) character\(low == 1 ? "" : "s")" }
        return low == 0 ? "at most \(high) character\(high == 1 ? "" : "s")" : "\(low) to \(high) characters"
    }
}

/// Unicode scalars in valid UTF-8: the bytes that don't continue one.
private func scalarCount(_ utf8: UnsafeRawBufferPointer) -> Int {
    var count = 0
    for byte in utf8 where byte & 0xC0 != 0x80 { count += 1 }
    return count
}
