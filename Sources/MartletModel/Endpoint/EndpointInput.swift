/// The input of an endpoint while it is read: first what stands beside the body, then the body.
package struct EndpointInput: Sendable {
    private let endpoint: EndpointDescription
    private var row: RowBatch
    /// What is wrong with parameters and header fields.
    package private(set) var errors: [FieldError] = []

    package init(_ endpoint: EndpointDescription) {
        self.endpoint = endpoint
        row = RowBatch(width: endpoint.input.width)
        row.appendAbsentRow()
    }

    /// Takes the value of a path, query or header field. Nil: the request doesn't have it.
    /// - Parameter name: what the client calls it.
    package mutating func take(_ text: String?, column: Int, as name: String) {
        let field = endpoint.input.fields[column]
        if let text {
            do throws(FieldError) {
                var value = RowBatch(width: 1)
                try field.append(operand: text, to: &value) { FieldError(at: .parameter(name), .invalidParameter, $0) }
                row.set(row: 0, column: column, to: value[0, 0], of: value)
            } catch {
                return errors.append(error)
            }
        }
        if let error = field.error(in: row[0, column], of: row, for: .create) {
            errors.append(FieldError(at: .parameter(name), .invalidParameter, error.detail))
        }
    }

    /// The whole input.
    /// - Parameter body: nil for an endpoint that takes none.
    /// - Throws: ``Problem`` with every error of the body.
    package func complete(_ body: UnsafeRawBufferPointer?) throws(Problem) -> RowBatch {
        guard let body else { return try ValidatedRow(row, endpoint.input, for: .create).cells }
        let reader = try parse(body) { scanner throws(JSONError) in
            try RecordReader.read(&scanner, endpoint.input, depth: 1)
        }
        do throws(InvalidRow) {
            return try ValidatedRow(reader?.completed(by: row, endpoint), for: .create).cells
        } catch {
            throw .validationFailed(error.errors)
        }
    }
}

extension RecordReader {
    /// With the fields that stand beside the body. One of these in the body is no member that is known there.
    fileprivate func completed(by row: RowBatch, _ endpoint: EndpointDescription) -> RecordReader {
        var reader = self
        for (column, source) in endpoint.sources.enumerated() where source != .body {
            reader.set(column, to: row[0, column], of: row)
        }
        return reader
    }
}
