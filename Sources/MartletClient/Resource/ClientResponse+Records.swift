import MartletModel

extension ClientResponse {
    /// The records in the body.
    func records<M: Model>(of model: M.Type, to method: HTTPMethod) throws(MartletError) -> [M] {
        do throws(RecordsError) {
            return try M.records(json: body)
        } catch {
            throw .invalidResponse(error.description, mayHaveTakenEffect: !method.isSafe)
        }
    }

    /// The one record in the body.
    func record<M: Model>(of model: M.Type, to method: HTTPMethod) throws(MartletError) -> M {
        let records = try records(of: model, to: method)
        guard records.count == 1 else {
            throw .invalidResponse("\(records.count) records instead of one", mayHaveTakenEffect: !method.isSafe)
        }
        return records[0]
    }

    /// The one record in the body with its version.
    func stored<M: Model>(of model: M.Type, to method: HTTPMethod) throws(MartletError) -> Stored<M> {
        let record = try record(of: model, to: method)
        guard let etag = headers["ETag"] else {
            throw .invalidResponse("the record comes without its ETag", mayHaveTakenEffect: !method.isSafe)
        }
        return Stored(record, etag: EntityTag(rawValue: etag))
    }
}

extension Model {
    /// The records in a text.
    static func records(json text: [UInt8]) throws(RecordsError) -> [Self] {
        var rows: RowBatch
        do throws(JSONError) {
            rows = try text.withUnsafeBufferPointer { bytes throws(JSONError) in
                try schema.resource.readRecords(json: UnsafeRawBufferPointer(bytes))
            }
        } catch {
            throw RecordsError(description: "\(error)")
        }
        rows.fillWriteOnly(schema.resource)
        var records: [Self] = []
        records.reserveCapacity(rows.count)
        for row in 0..<rows.count {
            do throws(RecordError) {
                records.append(try schema.record(row, of: rows))
            } catch {
                let fields = schema.resource.fields
                let name = fields.indices.contains(error.column) ? fields[error.column].name : "\(error.column)"
                throw RecordsError(description: "\(name) is missing or null")
            }
        }
        return records
    }
}

/// Why a text holds no records of a model.
struct RecordsError: Error {
    let description: String
}
