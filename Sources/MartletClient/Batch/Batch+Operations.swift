public import MartletModel

// MARK: - Creating

extension Batch {
    /// Creates a record.
    /// - Parameter body: sets its fields.
    /// - Returns: the record to be, for later operations and as the batch's result.
    @discardableResult
    public mutating func create<M: Model>(_ model: M.Type, _ body: (inout Draft<M>) -> Void) -> BatchItem<M> {
        create(Draft(body))
    }

    /// Creates a record with the fields of a draft.
    @discardableResult
    public mutating func create<M: Model>(_ draft: Draft<M>) -> BatchItem<M> {
        add(.post, .resource, draft)
    }
}

// MARK: - Changing

extension Batch {
    /// Changes the fields that `body` sets, and no others.
    /// - Parameter etag: the version that the record has to be in; nil: any.
    @discardableResult
    public mutating func update<M: Model>(
        _ model: M.Type, _ key: some KeyValue, ifMatch etag: EntityTag? = nil, _ body: (inout Draft<M>) -> Void
    ) -> BatchItem<M> {
        add(.patch, .key(key.recordKey), Draft(body), ifMatch: etag)
    }

    /// Changes the record whose key an earlier operation gives.
    @discardableResult
    public mutating func update<M: Model>(
        _ model: M.Type, _ key: ResultReference<some KeyValue>, _ body: (inout Draft<M>) -> Void
    ) -> BatchItem<M> {
        add(.patch, .place(key.place), Draft(body))
    }

    /// Changes the record that an earlier operation writes.
    @discardableResult
    public mutating func update<M: Model>(_ item: BatchItem<M>, _ body: (inout Draft<M>) -> Void) -> BatchItem<M> {
        add(.patch, .place(item.key), Draft(body))
    }

    /// Changes the record if it is still in that version.
    @discardableResult
    public mutating func update<M: Model>(_ stored: Stored<M>, _ body: (inout Draft<M>) -> Void) -> BatchItem<M> {
        add(.patch, target(stored.record), Draft(body), ifMatch: stored.etag)
    }

    /// Puts `record` in place of the one with its key; where clients assign keys, it is created if there is none.
    /// - Parameter etag: the version that the record has to be in; nil: any.
    @discardableResult
    public mutating func replace<M: Model>(_ record: M, ifMatch etag: EntityTag? = nil) -> BatchItem<M> {
        add(.put, target(record), Draft(replacing: record), ifMatch: etag)
    }

    /// Puts the record, with what was changed in it, in place of the version that it was.
    @discardableResult
    public mutating func replace<M: Model>(_ stored: Stored<M>) -> BatchItem<M> {
        replace(stored.record, ifMatch: stored.etag)
    }
}

// MARK: - Deleting

extension Batch {
    /// Deletes the record with a key.
    /// - Parameter etag: the version that it has to be in; nil: any.
    public mutating func delete<M: Model>(_ model: M.Type, _ key: some KeyValue, ifMatch etag: EntityTag? = nil) {
        _ = add(.delete, .key(key.recordKey), Draft<M>?.none, ifMatch: etag)
    }

    /// Deletes the record whose key an earlier operation gives.
    public mutating func delete<M: Model>(_ model: M.Type, _ key: ResultReference<some KeyValue>) {
        _ = add(.delete, .place(key.place), Draft<M>?.none)
    }

    /// Deletes the record if it is still in that version.
    public mutating func delete<M: Model>(_ stored: Stored<M>) {
        _ = add(.delete, target(stored.record), Draft<M>?.none, ifMatch: stored.etag)
    }
}

extension Batch {
    private func target<M: Model>(_ record: M) -> BatchTarget { .key(M.key(of: record)) }
}
