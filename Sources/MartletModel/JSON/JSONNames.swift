/// What the JSON writer puts before each value of a record, in one piece: `"id":"name":…`
struct JSONNames: Sendable {
    /// A field's column, and where its part of the names ends.
    struct Entry: Sendable {
        let column: Int
        let start: Int
        let end: Int
    }

    let bytes: [UInt8]
    /// Of what a server shows: every field but those that are only written.
    let shown: [Entry]
    /// Of what a client sends: every field.
    let all: [Entry]
    /// Of every column: the version's is the last.
    let columns: [Entry]

    init(_ fields: [FieldSchema]) {
        var (bytes, all): ([UInt8], [Entry]) = ([], [])
        for (column, field) in fields.enumerated() {
            let start = bytes.count
            bytes += "\"\(field.name)\":".utf8
            all.append(Entry(column: column, start: start, end: bytes.count))
        }
        let start = bytes.count
        bytes += "\"\(ResourceSchema.versionName)\":".utf8
        columns = all + [Entry(column: fields.count, start: start, end: bytes.count)]
        self.bytes = bytes
        self.all = all
        // The placeholder of a message has no name.
        shown = all.filter { !fields[$0.column].isWriteOnly && !fields[$0.column].name.isEmpty }
    }
}
