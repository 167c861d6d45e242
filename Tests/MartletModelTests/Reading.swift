import MartletModel

/// Short ways to read bodies, for tests.
enum Reading {
    static func row(
        _ body: String, _ schema: ResourceSchema, for kind: WriteKind = .create
    ) throws(Problem) -> ValidatedRow {
        var body = body
        return try body.withUTF8 { utf8 in
            Result { () throws(Problem) in try ValidatedRow(json: UnsafeRawBufferPointer(utf8), schema, for: kind) }
        }.get()
    }

    /// `code #/pointer` for each error.
    static func errors(_ body: String, _ schema: ResourceSchema, for kind: WriteKind = .create) -> [String] {
        errors { () throws(Problem) in _ = try row(body, schema, for: kind) }
    }

    static func errors(_ body: () throws(Problem) -> Void) -> [String] {
        do throws(Problem) {
            try body()
            return []
        } catch {
            return error.errors.map { error in
                switch error.location {
                case .pointer(let pointer): "\(error.code.rawValue) \(pointer)"
                case .parameter(let name): "\(error.code.rawValue) \(name)"
                }
            }
        }
    }

    /// The row as a client would send it.
    static func json(_ rows: RowBatch, _ schema: ResourceSchema) -> String {
        var writer = JSONWriter()
        writer.write(request: 0, of: rows, schema)
        return writer.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    static func json(_ value: JSONValue) -> String {
        var writer = JSONWriter()
        writer.write(value)
        return writer.withBytes { String(decoding: $0, as: UTF8.self) }
    }
}
