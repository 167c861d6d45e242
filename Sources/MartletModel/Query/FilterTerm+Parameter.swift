import FoundationEssentials

/// The way back: what ``init(_:of:_:_:parameter:)`` reads.
extension FilterTerm {
    /// The term as a query's parameter, not percent-encoded: `age.gte` and `18`.
    public func parameter(of resource: ResourceSchema) -> (name: String, value: String) {
        let (operation, value) =
            switch condition {
            case .compare(let comparison, let value): (comparison.rawValue, value.operandText(ofRow: 0))
            case .oneOf(let values):
                (
                    FilterOperator.oneOf.rawValue,
                    (0..<values.count).map { filterEscaped(values.operandText(ofRow: $0), ",") }.joined(separator: ",")
                )
            case .like(let pattern, let ignoringCase):
                ((ignoringCase ? FilterOperator.likeIgnoringCase : .like).rawValue, pattern.text)
            case .isNull(let isNull): (FilterOperator.isNull.rawValue, isNull ? "true" : "false")
            }
        return ("\(resource.fields[column].name).\(operation)", value)
    }
}

extension Filter {
    /// The filter as a query's parameters, not percent-encoded; nil for one that these can't say: with more than one clause of
    /// several terms, or the same operator on a field more than once.
    public func parameters(of resource: ResourceSchema) -> [(name: String, value: String)]? {
        var parameters: [(name: String, value: String)] = []
        for clause in clauses {
            let terms = clause.map { $0.parameter(of: resource) }
            if terms.count == 1 {
                parameters.append(terms[0])
            } else {
                let texts = terms.map { "\($0.name)=\(filterEscaped($0.value, ","))" }
                parameters.append(("or", "(\(texts.joined(separator: ",")))"))
            }
        }
        return Set(parameters.map(\.name)).count == parameters.count ? parameters : nil
    }
}

extension RowBatch {
    /// The first cell of a row, as a parameter spells its value.
    fileprivate func operandText(ofRow row: Int) -> String { operandText(row, 0) }

    /// A cell, as a parameter spells its value, not percent-encoded.
    package func operandText(_ row: Int, _ column: Int) -> String {
        let cell = self[row, column]
        return switch cell.tag {
        case .absent, .null: ""
        case .integer: String(Int64(bitPattern: cell.bits))
        case .number: String(Double(bitPattern: cell.bits))
        case .boolean: cell.bits == 0 ? "false" : "true"
        case .timestamp: cell.timestamp?.description ?? ""
        case .date: cell.date?.description ?? ""
        case .string, .json: withBytes(of: cell) { String(decoding: $0, as: UTF8.self) }
        case .uuid: UUID(cell, of: self)?.text ?? ""
        case .bytes:
            withBytes(of: cell) { Base64.encode($0) }
        }
    }
}

/// With a `\` before each separator, and before itself.
package func filterEscaped(_ text: String, _ separator: Unicode.Scalar) -> String {
    var escaped = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
        if scalar == separator || scalar == "\\" { escaped.append("\\") }
        escaped.append(scalar)
    }
    return String(escaped)
}
