public import MartletModel

/// The record that an operation of a batch is going to write. Its fields are references for later operations; its
/// ``BatchResult/Value`` is the record.
@dynamicMemberLookup
public struct BatchItem<M: Model>: Sendable {
    let batch: Batch.ID
    /// The operation's number, from 0.
    let operation: Int

    /// - Precondition: the property is a field of the schema that a server shows.
    public subscript<Value: FieldValue>(dynamicMember path: KeyPath<M, Value>) -> ResultReference<Value> {
        let schema = M.schema.resource
        guard let column = M.schema.column(of: path), !schema.fields[column].isWriteOnly else {
            preconditionFailure("\(path) is no field of \(schema.name) that can be referred to")
        }
        return ResultReference(place: place(of: schema.fields[column].name))
    }

    /// Where the record's key is.
    var key: ResultPlace { place(of: M.schema.resource.key.name) }

    private func place(of field: String) -> ResultPlace {
        ResultPlace(batch: batch, operation: operation, field: field)
    }
}

extension BatchItem: BatchResult {
    public func value(in results: BatchResults) throws(MartletError) -> Stored<M> {
        try results.stored(operation)
    }
}
