public import MartletModel

/// What a write is about to do to a record.
public struct ProposedWrite: Sendable {
    public let resource: ResourceSchema
    public let kind: Kind
    /// Nil when it isn't known yet: for a new record, and in a batch for one that an earlier operation makes.
    public let key: Key?
    /// The record as it is; nil when it isn't there, or no hook of the resource has asked for it.
    public let stored: RowBatch?
    /// When the write is.
    public let time: Timestamp
    /// Of the request that writes.
    public let context: RequestContext
    /// One row of what is to be written, absent where a field stays as it is. No row when the record is to be deleted.
    private(set) var proposed: RowBatch
    private(set) var additional: [Mutation] = []
    private let resources: [String: ResourceSchema]

    public enum Kind: Sendable {
        case create, change, delete
    }

    init(
        _ resource: ResourceSchema, _ kind: Kind, key: Key?, proposed: RowBatch?, stored: RowBatch?, time: Timestamp,
        among resources: [String: ResourceSchema], _ context: RequestContext
    ) {
        self.context = context
        self.resources = resources
        (self.resource, self.kind, self.key, self.stored, self.time) = (resource, kind, key, stored, time)
        self.proposed = proposed ?? RowBatch(width: resource.width)
    }

    /// What is to be written in a field; nil when it stays as it is, or its default is to be set. Setting it replaces that.
    /// - Precondition: `M` is the resource's model, and the property one of its fields.
    public subscript<M: Model, Value: FieldValue>(path: KeyPath<M, Value>) -> Value? {
        get { value(Self.column(of: path, in: resource), in: proposed) }
        set { set(Self.column(of: path, in: resource), newValue) }
    }

    /// The same by a field's name, as a resource declared in a file has no properties.
    /// - Precondition: the resource has a field of this name.
    public func value<Value: FieldValue>(_ field: String, as _: Value.Type = Value.self) -> Value? {
        value(Self.column(named: field, in: resource), in: proposed)
    }

    public mutating func set<Value: FieldValue>(_ field: String, to value: Value) {
        set(Self.column(named: field, in: resource), value)
    }

    /// What a field holds now; nil when the record isn't there or wasn't read.
    public func stored<M: Model, Value: FieldValue>(_ path: KeyPath<M, Value>) -> Value? {
        stored.flatMap { value(Self.column(of: path, in: resource), in: $0) }
    }

    /// The same by a field's name.
    public func stored<Value: FieldValue>(_ field: String, as _: Value.Type = Value.self) -> Value? {
        stored.flatMap { value(Self.column(named: field, in: resource), in: $0) }
    }

    private func value<Value: FieldValue>(_ column: Int, in rows: RowBatch) -> Value? {
        rows.isEmpty || rows[0, column].isAbsent ? nil : Value(rows[0, column], of: rows)
    }

    private mutating func set<Value: FieldValue>(_ column: Int, _ value: Value?) {
        guard !proposed.isEmpty else { return }
        guard let value else { return proposed.set(row: 0, column: column, to: .absent) }
        value.store(in: &proposed, row: 0, column: column)
    }

    private static func column<M: Model, Value>(of path: KeyPath<M, Value>, in resource: ResourceSchema) -> Int {
        guard M.schema.resource.name == resource.name, let column = M.schema.column(of: path) else {
            preconditionFailure("\(path) is no field of \(resource.name)")
        }
        return column
    }

    private static func column(named field: String, in resource: ResourceSchema) -> Int {
        guard let column = resource.indexByName[field] else {
            preconditionFailure("\(resource.name) has no field \(field)")
        }
        return column
    }
}

// MARK: - Adding to the transaction

extension ProposedWrite {
    /// Adds a mutation to the transaction: both happen, or neither. Hooks of its resource are not run for it. If it is
    /// refused, that is an error of the server's: the client can't mend it.
    public mutating func add(_ mutation: Mutation) {
        additional.append(mutation)
    }

    /// Adds the making of a record. What the server sets (a generated key, managed fields) is set by it.
    /// - Throws: ``Problem`` when the record isn't valid.
    public mutating func insert<M: Model>(_ record: M) throws(Problem) {
        add(try Mutation(inserting: record))
    }

    /// The same for a resource that is declared in a file: the fields that aren't named have their defaults.
    /// - Precondition: there is such a resource, and it has these fields.
    public mutating func insert(
        into resource: String, _ values: KeyValuePairs<String, any FieldValue>
    ) throws(Problem) {
        guard let schema = resources[resource] else { preconditionFailure("there is no resource \(resource)") }
        var rows = RowBatch(width: schema.width)
        rows.appendAbsentRow()
        for (name, value) in values {
            value.store(in: &rows, row: 0, column: Self.column(named: name, in: schema))
        }
        add(Mutation(schema, .insert(try .madeByServer(rows, schema))))
    }
}
