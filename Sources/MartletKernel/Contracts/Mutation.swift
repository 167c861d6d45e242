public import MartletModel

/// One change of one record.
public struct Mutation: Sendable {
    public enum Change: Sendable, Equatable {
        /// Makes a record, and its key unless the row has one. What the row leaves absent gets its default, or null.
        case insert(ValidatedRow)
        /// Sets the fields of the record with this key that are not absent in the row. What changes nothing keeps the
        /// record's version.
        case update(Key, ValidatedRow)
        /// Makes the record with this key if there is none, else sets its fields.
        case upsert(Key, ValidatedRow)
        /// Removes the record with this key.
        case delete(Key)
    }

    public let resource: ResourceSchema
    public let change: Change
    public let precondition: Precondition
    /// Columns whose values are those of records that earlier mutations of the transaction have written.
    public let references: [Int: ResultReference]
    /// Where the key is taken from instead of ``change``'s own.
    public let keyReference: ResultReference?
    /// Why an ETag among those of the precondition can't match: said when it doesn't hold.
    let unmatchableETag: UnmatchableETag?
    /// The precondition comes from beside the row, too: from If-Match, say.
    let hasConditionBesideRow: Bool

    /// A version that the row names is a precondition too: both have to hold.
    public init(
        _ resource: ResourceSchema, _ change: Change, if precondition: Precondition = .none,
        references: [Int: ResultReference] = [:], keyReference: ResultReference? = nil,
        unmatchableETag: UnmatchableETag? = nil
    ) {
        self.resource = resource
        self.change = change
        self.precondition = change.row?.version.map { precondition.and(version: $0) } ?? precondition
        hasConditionBesideRow = precondition != .none
        self.references = references
        self.keyReference = keyReference
        self.unmatchableETag = unmatchableETag
    }
}

extension Mutation {
    /// Makes a record. What the server sets (a generated key, managed fields) is set by it.
    /// - Throws: ``Problem`` when the record isn't valid.
    public init<M: Model>(inserting record: M) throws(Problem) {
        let schema = M.schema.resource
        var rows = RowBatch(width: schema.width)
        M.schema.append(record, to: &rows)
        self.init(schema, .insert(try .madeByServer(rows, schema)))
    }
}

extension Mutation.Change {
    /// What is written, or nil for a deletion.
    public var row: ValidatedRow? {
        switch self {
        case .insert(let row), .update(_, let row), .upsert(_, let row): row
        case .delete: nil
        }
    }

    /// It makes a record, or may.
    var mayMakeRecord: Bool {
        switch self {
        case .insert, .upsert: true
        case .update, .delete: false
        }
    }

    /// The key of the record that is changed, or nil for a new one.
    public var key: Key? {
        switch self {
        case .insert: nil
        case .update(let key, _), .upsert(let key, _), .delete(let key): key
        }
    }

    func with(_ row: ValidatedRow) -> Mutation.Change {
        switch self {
        case .insert: .insert(row)
        case .update(let key, _): .update(key, row)
        case .upsert(let key, _): .upsert(key, row)
        case .delete(let key): .delete(key)
        }
    }

    /// The same change of another record. What may make it has the key in its row as well.
    func with(_ key: Key, of resource: ResourceSchema) -> Mutation.Change {
        switch self {
        case .insert(let row): .insert(row)
        case .update(_, let row): .update(key, row)
        case .upsert(_, let row): .upsert(key, row.with(key, resource))
        case .delete: .delete(key)
        }
    }
}

/// Why an ETag that a client named can't match any record.
public enum UnmatchableETag: Sendable {
    /// `W/"…"`: If-Match compares strongly (RFC 9110, section 13.1.1).
    case weak
    /// A record's ETag with an ending such as `-gzip`.
    case suffixed
}

/// What has to hold of a record for a mutation to be done. It is part of the write itself: of two writers that name the
/// version they saw, one wins.
public enum Precondition: Sendable, Equatable {
    case none
    /// It is there, in whatever version.
    case present
    /// It is in one of these versions. With none, it never holds.
    case version([Int64])
    /// It isn't there.
    case absent

    /// Whether it holds for a record that is there.
    public func holds(for version: Int64) -> Bool {
        switch self {
        case .none, .present: true
        case .version(let versions): versions.contains(version)
        case .absent: false
        }
    }

    func and(version: Int64) -> Precondition {
        switch self {
        case .none, .present: .version([version])
        case .version(let versions): .version(versions.filter { $0 == version })
        case .absent: .version([])
        }
    }
}

/// A value of the record that an earlier mutation of the same transaction has written.
public struct ResultReference: Sendable, Equatable {
    /// The mutation's place in ``Transaction/mutations``.
    public let mutation: Int
    /// Of its resource's schema.
    public let column: Int

    public init(mutation: Int, column: Int) {
        self.mutation = mutation
        self.column = column
    }
}

extension Mutation {
    /// The change with the values that it takes from the results of earlier mutations.
    /// - Returns: ``Refusal/Reason/invalid(_:)`` when such a value is none that its field takes.
    func resolved(_ written: [Written]) -> Result<Change, Refusal> {
        guard !references.isEmpty || keyReference != nil else { return .success(change) }
        var change = change
        if let keyReference {
            let record = written[keyReference.mutation].record
            guard let key = Key(record[0, keyReference.column], of: record) else {
                return .failure(Refusal(mutation: written.count, .notFound))
            }
            change = change.with(key, of: resource)
        }
        guard let row = change.row else { return .success(change) }
        do throws(Problem) {
            let resolved = try row.resolving(resource) { column in
                references[column].map { reference in
                    let record = written[reference.mutation].record
                    return (record[0, reference.column], record)
                }
            }
            return .success(change.with(resolved))
        } catch {
            return .failure(Refusal(mutation: written.count, .invalid(error.errors)))
        }
    }
}

extension Refusal: Error {}
