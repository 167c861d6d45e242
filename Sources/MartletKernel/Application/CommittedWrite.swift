public import MartletModel

/// What a write has done to a record.
public struct CommittedWrite: Sendable {
    public let resource: ResourceSchema
    public let kind: ProposedWrite.Kind
    /// One row: the record as it is now, or as it was when it was deleted.
    public let record: RowBatch
    /// Of the request that has written it.
    public let context: RequestContext

    /// The record in Swift.
    /// - Throws: ``RecordError`` when it isn't one of this model.
    public func record<M: Model>(as model: M.Type) throws(RecordError) -> M {
        try M.schema.record(0, of: record)
    }
}
