public import MartletModel

/// The fields that a request sets. Those that nobody sets stay out of it; a nullable one set to nil is sent as null.
///
/// ```swift
/// try await users.update(1) { $0.name = "Ada L." }
/// ```
///
/// A draft is written, not read: it doesn't know what the server has. In a batch a field can also be set to what an
/// earlier operation gives: see ``Batch``.
@dynamicMemberLookup
public struct Draft<M: Model>: Sendable {
    /// One row, absent where nothing was set.
    var rows: RowBatch
    /// Fields that get their values from earlier operations of a batch; their cells are absent.
    private(set) var references: [Int: ResultPlace] = [:]

    /// - Parameter body: sets fields.
    public init(_ body: (inout Draft<M>) -> Void = { _ in }) {
        rows = RowBatch(width: M.schema.resource.width)
        rows.appendAbsentRow()
        body(&self)
    }

    /// - Precondition: the property is a field of the schema.
    public subscript<Value: FieldValue>(dynamicMember path: KeyPath<M, Value>) -> Value {
        @available(*, unavailable, message: "a draft is written, not read")
        get { preconditionFailure("a draft is written, not read") }
        set {
            let column = Self.column(of: path)
            references[column] = nil
            newValue.store(in: &rows, row: 0, column: column)
        }
    }

    /// In a batch: the field gets what an earlier operation gives.
    public subscript<Value: FieldValue>(dynamicMember path: KeyPath<M, Value>) -> ResultReference<Value> {
        @available(*, unavailable, message: "a draft is written, not read")
        get { preconditionFailure("a draft is written, not read") }
        set { refer(Self.column(of: path), to: newValue.place) }
    }

    /// In a batch: the nullable field gets what an earlier operation gives.
    public subscript<Value: FieldValue>(dynamicMember path: KeyPath<M, Value?>) -> ResultReference<Value> {
        @available(*, unavailable, message: "a draft is written, not read")
        get { preconditionFailure("a draft is written, not read") }
        set { refer(Self.column(of: path), to: newValue.place) }
    }

    private mutating func refer(_ column: Int, to place: ResultPlace) {
        rows.set(row: 0, column: column, to: .absent)
        references[column] = place
    }

    private static func column(of path: PartialKeyPath<M>) -> Int {
        guard let column = M.schema.column(of: path) else {
            preconditionFailure("\(path) is no field of \(M.schema.resource.name)")
        }
        return column
    }
}

extension Draft {
    /// As a JSON object.
    /// - Parameter batch: the batch that it is sent in, if it is.
    /// - Throws: ``MartletError/invalidRequest(_:)`` for a reference to an operation of any other batch.
    func json(in batch: Batch.ID? = nil) throws(MartletError) -> [UInt8] {
        let schema = M.schema.resource
        var writer = JSONWriter()
        writer.write(request: 0, of: rows, schema)
        var json = writer.withBytes { Array($0) }
        for (column, place) in references.sorted(by: { $0.key < $1.key }) {
            guard place.batch == batch else {
                throw .invalidRequest("\(schema.fields[column].name) refers to an operation of another batch")
            }
            json.removeLast()
            json += "\(json.count > 1 ? "," : "")\"\(schema.fields[column].name)\":\(place.json)}".utf8
        }
        return json
    }
}
