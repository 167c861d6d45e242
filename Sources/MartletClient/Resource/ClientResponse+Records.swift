import MartletModel

extension ClientResponse {
    /// The records in the body.
    func records<M: Model>(of model: M.Type, to method: HTTPMethod) throws(MartletError) -> [M] {
        let schema = M.schema
        let rows: RowBatch
        do throws(JSONError) {
            rows = try body.withUnsafeBytesTyped { bytes throws(JSONError) in
                try schema.resource.readRecords(json: bytes)
            }
        } catch {
            throw .invalidResponse("\(error)", mayHaveTakenEffect: !method.isSafe)
        }
        var records: [M] = []
        records.reserveCapacity(rows.count)
        for row in 0..<rows.count {
            do throws(RecordError) {
                records.append(try schema.record(row, of: rows))
            } catch {
                throw .invalidResponse("\(error)", mayHaveTakenEffect: !method.isSafe)
            }
        }
        return records
    }

    /// What an answer means that isn't the one that was expected.
    func failure(of method: HTTPMethod) -> MartletError {
        guard status >= 400, mediaType == "application/problem+json", var problem = problem else {
            return .unexpected(UnexpectedAnswer(self, to: method))
        }
        // The body's status is advisory (RFC 9457, section 3.1.2).
        problem.status = status
        problem.requestID = problem.requestID ?? headers["X-Request-Id"]
        // RFC 9110, section 10.2.3, allows a date too; a Martlet server sends seconds.
        if let text = headers["Retry-After"], let seconds = UInt32(text) { problem.retryAfter = .seconds(seconds) }
        return .problem(problem)
    }

    private var problem: Problem? {
        try? body.withUnsafeBytes { try Problem(json: $0, status: status) }
    }
}

extension [UInt8] {
    /// `withUnsafeBytes` that keeps the type of what `body` throws.
    fileprivate func withUnsafeBytesTyped<R, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try withUnsafeBufferPointer { bytes throws(E) in try body(UnsafeRawBufferPointer(bytes)) }
    }
}
