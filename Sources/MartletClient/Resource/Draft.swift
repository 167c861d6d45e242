public import MartletModel

/// The fields that a request sets. Those that nobody sets stay out of it; a nullable one set to nil is sent as null.
///
/// ```swift
/// try await users.update(1) { $0.name = "Ada L." }
/// ```
///
/// A draft is written, not read: it doesn't know what the server has.
@dynamicMemberLookup
public struct Draft<M: Model>: Sendable {
    /// One row, absent where nothing was set.
    private(set) var rows: RowBatch

    init() {
        rows = RowBatch(width: M.schema.resource.fields.count)
        rows.appendAbsentRow()
    }

    /// - Precondition: the property is a field of the schema.
    public subscript<Value: FieldValue>(dynamicMember path: KeyPath<M, Value>) -> Value {
        @available(*, unavailable, message: "a draft is written, not read")
        get { preconditionFailure("a draft is written, not read") }
        set {
            guard let column = M.schema.column(of: path) else {
                preconditionFailure("\(path) is no field of \(M.schema.resource.name)")
            }
            newValue.store(in: &rows, row: 0, column: column)
        }
    }

    /// As a JSON object.
    var json: [UInt8] {
        var writer = JSONWriter()
        writer.write(row: 0, of: rows, M.schema.resource)
        return writer.withBytes { Array($0) }
    }
}
