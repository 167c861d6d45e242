/// Writes rows as records, straight from their cells.
extension JSONWriter {
    /// Writes a record as a server shows it: without fields that are only written. Absent fields are left out.
    /// - Parameter embedded: what is shown in the place of references.
    public mutating func write(
        row: Int, of rows: RowBatch, _ schema: ResourceSchema, embedding embedded: [EmbeddedRecords] = []
    ) {
        withSource(rows, schema, schema.jsonNames.shown) { writer, source in
            writer.write(row, source, of: rows, embedded)
        }
    }

    /// Writes a record as a client sends it: every field that is not absent.
    public mutating func write(request row: Int, of rows: RowBatch, _ schema: ResourceSchema) {
        withSource(rows, schema, schema.jsonNames.all) { writer, source in writer.write(row, source, of: rows, []) }
    }

    /// Writes an array of all records.
    /// - Parameters:
    ///   - columns: which of them are shown, ascending, the version's among them if it is to be; nil is every field.
    ///   - embedded: what is shown in the place of references.
    public mutating func write(
        array rows: RowBatch, _ schema: ResourceSchema, columns: [Int]? = nil,
        embedding embedded: [EmbeddedRecords] = []
    ) {
        put(UInt8(ascii: "["))
        let entries = columns.map { $0.map { schema.jsonNames.columns[$0] } } ?? schema.jsonNames.shown
        withSource(rows, schema, entries) { writer, source in
            for row in 0..<source.cells.count / source.width {
                if row > 0 { writer.put(UInt8(ascii: ",")) }
                writer.write(row, source, of: rows, embedded)
            }
        }
        put(UInt8(ascii: "]"))
    }

    /// Writes an array of records that come in batches of one row each.
    public mutating func write(_ records: [RowBatch], _ schema: ResourceSchema) {
        put(UInt8(ascii: "["))
        for (index, record) in records.enumerated() {
            if index > 0 { put(UInt8(ascii: ",")) }
            write(row: 0, of: record, schema)
        }
        put(UInt8(ascii: "]"))
    }

    /// Writes a part of a larger text as it is.
    package mutating func write(literal text: StaticString) {
        put(text)
    }

    /// Rows and names as plain memory: arrays would be retained and released for every cell.
    private struct Source {
        let width: Int
        let cells: UnsafeBufferPointer<Cell>
        let heap: UnsafeRawBufferPointer
        let names: UnsafeRawBufferPointer
        let entries: UnsafeBufferPointer<JSONNames.Entry>
    }

    private mutating func withSource(
        _ rows: RowBatch, _ schema: ResourceSchema, _ entries: [JSONNames.Entry],
        _ body: (inout JSONWriter, Source) -> Void
    ) {
        precondition(rows.width == schema.width, "rows of \(schema.name)")
        rows.cells.withUnsafeBufferPointer { cells in
            rows.heap.withUnsafeBytes { heap in
                schema.jsonNames.bytes.withUnsafeBytes { names in
                    entries.withUnsafeBufferPointer { entries in
                        let source = Source(
                            width: rows.width, cells: cells, heap: heap, names: names, entries: entries)
                        body(&self, source)
                    }
                }
            }
        }
    }

    private mutating func write(_ row: Int, _ source: Source, of rows: RowBatch, _ embedded: [EmbeddedRecords]) {
        var separator = UInt8(ascii: "{")
        for entry in source.entries {
            let cell = source.cells[row * source.width + entry.column]
            if cell.isAbsent { continue }
            put(separator)
            separator = UInt8(ascii: ",")
            put(UnsafeRawBufferPointer(rebasing: source.names[entry.start..<entry.end]))
            if !embedded.isEmpty, let records = embedded.first(where: { $0.column == entry.column }) {
                write(cell, of: rows, as: records)
            } else {
                write(cell, source.heap)
            }
        }
        if separator == UInt8(ascii: "{") { put(separator) }
        put(UInt8(ascii: "}"))
    }

    private mutating func write(_ reference: Cell, of rows: RowBatch, as records: EmbeddedRecords) {
        guard let row = records.row(for: reference, of: rows) else { return put("null") }
        write(row: row, of: records.rows, records.resource, embedding: records.nested)
    }

    private mutating func write(_ cell: Cell, _ heap: UnsafeRawBufferPointer) {
        switch cell.tag {
        case .absent, .null: put("null")
        case .integer: put(Int64(bitPattern: cell.bits))
        case .number: put(ascii: Double(bitPattern: cell.bits).description)
        case .boolean: put(cell.bits == 0 ? "false" : "true")
        case .timestamp:
            if let value = cell.timestamp { put(quoted: Timestamp.textLength) { value.write(to: $0) } }
        case .date:
            if let value = cell.date { put(quoted: CalendarDate.textLength) { value.write(to: $0) } }
        case .string: put(string: bytes(of: cell, heap))
        case .uuid:
            let value = bytes(of: cell, heap)
            put(quoted: UUIDText.length) { UUIDText.write(value, to: $0) }
        case .bytes:
            let value = bytes(of: cell, heap)
            put(quoted: Base64.encodedLength(value.count)) { Base64.encode(value, to: $0) }
        case .json: put(bytes(of: cell, heap))
        }
    }

    private func bytes(of cell: Cell, _ heap: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let start = Int(cell.bits)
        return UnsafeRawBufferPointer(rebasing: heap[start..<start + Int(cell.length)])
    }

    /// Writes so many bytes between quotes, which need no escape.
    private mutating func put(quoted length: Int, _ write: (UnsafeMutableRawBufferPointer) -> Void) {
        put(UInt8(ascii: "\""))
        reserve(length)
        write(UnsafeMutableRawBufferPointer(start: base + count, count: length))
        count += length
        put(UInt8(ascii: "\""))
    }
}
