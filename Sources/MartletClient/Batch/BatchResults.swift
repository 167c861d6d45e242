import MartletModel

/// A server's answer to a batch, from which each ``BatchResult`` takes its part.
public struct BatchResults: Sendable {
    /// One for each operation.
    private let results: [JSONValue]

    /// - Throws: ``MartletError/invalidResponse(_:mayHaveTakenEffect:)`` unless it has as many results as `count` says.
    init(_ response: ClientResponse, count: Int) throws(MartletError) {
        let answer: JSONValue
        do throws(JSONError) {
            answer = try response.body.withUnsafeBufferPointer { bytes throws(JSONError) in
                try JSONValue(json: UnsafeRawBufferPointer(bytes))
            }
        } catch {
            throw Self.invalid("\(error)")
        }
        guard let results = answer["results"]?.array, results.count == count else {
            throw Self.invalid("a batch's answer has a result for each operation")
        }
        self.results = results
    }

    /// No results, as of a batch that had no operations.
    init() {
        results = []
    }

    /// The record that an operation has written.
    func stored<M: Model>(_ operation: Int) throws(MartletError) -> Stored<M> {
        guard results.indices.contains(operation) else {
            throw .invalidRequest("operation \(operation) is one of another batch")
        }
        let result = results[operation]
        guard let body = result["body"], let etag = result["headers"]?["ETag"]?.string else {
            throw Self.invalid("operation \(operation) comes without its record or its ETag")
        }
        let records: [M]
        do throws(RecordsError) {
            records = try M.records(json: body.text)
        } catch {
            throw Self.invalid("operation \(operation): \(error.description)")
        }
        guard records.count == 1 else {
            throw Self.invalid("operation \(operation) comes with \(records.count) records")
        }
        return Stored(records[0], etag: EntityTag(rawValue: etag))
    }

    /// The batch was done: the answer came with its status.
    private static func invalid(_ detail: String) -> MartletError {
        .invalidResponse(detail, mayHaveTakenEffect: true)
    }
}

extension JSONValue {
    /// The value as JSON text.
    var text: [UInt8] {
        var writer = JSONWriter()
        writer.write(self)
        return writer.withBytes { Array($0) }
    }
}
