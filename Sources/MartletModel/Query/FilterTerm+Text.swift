/// Filters as a query's parameters spell them: `age.gte=18`, `name.in=Ada,Grace`.
extension FilterTerm {
    /// - Parameters:
    ///   - operation: one of the field's ``FieldSchema/filterOperators``.
    ///   - text: what the parameter says, percent-encoding taken off.
    ///   - parameter: how the client calls it, for the error.
    /// - Throws: what is wrong with the text.
    public init(
        _ column: Int, of resource: ResourceSchema, _ operation: FilterOperator, _ text: String, parameter: String
    ) throws(FieldError) {
        let field = resource.fields[column]
        func refuse(_ detail: String) -> FieldError {
            FieldError(at: .parameter(parameter), .invalidParameter, detail)
        }
        let isLiteral = operation == .equal || operation == .notEqual
        if text.isEmpty, !(isLiteral && field.canBeEmpty) { throw refuse("needs a value") }
        switch operation {
        case .isNull:
            guard text == "true" || text == "false" else { throw refuse("must be true or false") }
            self.init(column, .isNull(text == "true"))
        case .like, .likeIgnoringCase:
            guard text.unicodeScalars.count <= LikePattern.mostScalars else {
                throw refuse("must have at most \(LikePattern.mostScalars) characters")
            }
            guard !text.utf8.contains(0) else { throw refuse("must not contain U+0000") }
            guard let pattern = LikePattern(text) else { throw refuse(Self.escapeRule) }
            self.init(column, .like(pattern, ignoringCase: operation == .likeIgnoringCase))
        case .oneOf:
            guard let texts = splitEscaped(text, at: ",") else { throw refuse(Self.escapeRule) }
            guard texts.count <= Filter.mostValues else {
                throw refuse("must have at most \(Filter.mostValues) values")
            }
            self.init(column, .oneOf(try field.values(texts, refuse)))
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual:
            var value = RowBatch(width: 1)
            try field.append(operand: text, to: &value, refuse)
            self.init(column, .compare(operation.comparison ?? .equal, value: value))
        }
    }

    private static let escapeRule = "must not have a \\ before anything but , * and \\"
}

extension FieldSchema {
    /// Whether nothing at all spells a value of its.
    fileprivate var canBeEmpty: Bool {
        type == .string || type == .bytes || (type == .enumeration && values.contains(""))
    }

    /// The values of a list.
    /// - Throws: all that are wrong, in one error, each with its number, counted from 1, where there are several values.
    fileprivate func values(_ texts: [String], _ refuse: (String) -> FieldError) throws(FieldError) -> RowBatch {
        var values = RowBatch(width: 1, reservingRows: texts.count)
        var mistakes: [String] = []
        for (index, text) in texts.enumerated() where mistakes.count < Self.maxMistakes {
            do throws(FieldError) {
                try append(operand: text, to: &values, refuse)
            } catch {
                mistakes.append(texts.count == 1 ? error.detail : "value \(index + 1) \(error.detail)")
            }
        }
        guard mistakes.isEmpty else { throw refuse(mistakes.joined(separator: ", ")) }
        return values
    }

    private static var maxMistakes: Int { 50 }

    /// Adds a row of one cell, the field's value that `text` spells.
    func append(
        operand text: String, to values: inout RowBatch, _ refuse: (String) -> FieldError
    ) throws(FieldError) {
        values.appendAbsentRow()
        let row = values.count - 1
        switch type {
        case .string:
            guard !text.utf8.contains(0) else { throw refuse("must not contain U+0000") }
            values.set(row: row, column: 0, to: text)
        case .enumeration:
            guard self.values.contains(where: { $0.utf8.elementsEqual(text.utf8) }) else {
                throw refuse("must be one of \(self.values.joined(separator: ", "))")
            }
            values.set(row: row, column: 0, to: text)
        default:
            if let error = store(operand: text, in: &values, row: row, column: 0) { throw refuse(error.detail) }
        }
    }
}
