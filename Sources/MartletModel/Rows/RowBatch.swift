/// Rows as bytes: row-major ``Cell``s, and one heap that holds what doesn't fit in a cell.
///
/// It is what a storage hands over, what a request's body is parsed into, and what the JSON writer walks: no row is
/// ever an object of its own, so a list of 50 records costs two allocations, not 150. Column `i` is field `i` of the
/// ``ResourceSchema`` that the batch belongs to; the last column is the record's version.
///
/// Every value has less than 4 GiB: SQLite's and PostgreSQL's have at most 2 GiB, a request's body has at most 1 GiB. All values together
/// may have more.
@frozen
public struct RowBatch: Sendable {
    /// Cells in a row.
    public let width: Int
    @usableFromInline
    var storedCells: [Cell]
    @usableFromInline
    var storedHeap: [UInt8]

    /// Row-major: cell `column` of row `row` is at `row * width + column`.
    @inlinable
    public var cells: [Cell] { storedCells }
    /// What the cells' offsets point into. Replaced cells leave their bytes behind.
    @inlinable
    public var heap: [UInt8] { storedHeap }

    /// An empty batch of rows of `width` cells, with room for `rows` of them.
    public init(width: Int, reservingRows rows: Int = 1, bytes: Int = 0) {
        precondition(width > 0, "a row has at least one cell")
        self.width = width
        storedCells = []
        storedCells.reserveCapacity(width * rows)
        storedHeap = []
        storedHeap.reserveCapacity(bytes)
    }

    /// Complete rows.
    @inlinable
    public var count: Int { cells.count / width }

    @inlinable
    public var isEmpty: Bool { cells.isEmpty }

    /// Bytes of the cells and of the heap together: what limits on memory count.
    @inlinable
    public var byteCount: Int { cells.count * MemoryLayout<Cell>.stride + heap.count }

    /// Bytes of the cells and of their values: equal batches have as many, whatever replaced cells have left in their heaps.
    public var valueByteCount: Int {
        cells.reduce(cells.count * MemoryLayout<Cell>.stride) { $0 + Int($1.length) }
    }

    /// The same as JSON has them: about what a response with these rows takes.
    package var escapedByteCount: Int {
        (0..<count).reduce(0) { $0 + escapedByteCount(ofRow: $1) }
    }

    /// JSON has up to this many bytes for one of a value's: of a control character.
    package static let maxEscapedLength = 6

    /// Bytes of a row as JSON has them.
    package func escapedByteCount(ofRow row: Int) -> Int {
        (0..<width).reduce(byteCount(ofRow: row)) { sum, column in
            let cell = self[row, column]
            switch cell.tag {
            case .string:
                return withBytes(of: cell) { bytes in
                    bytes.reduce(sum) {
                        $0 + ($1 < 0x20 ? 5 : $1 == UInt8(ascii: "\"") || $1 == UInt8(ascii: "\\") ? 1 : 0)
                    }
                }
            // Base64 has four bytes for three.
            case .bytes: return sum + Int(cell.length) / 3
            default: return sum
            }
        }
    }

    /// Bytes of a row's cells and of its values in the heap.
    public func byteCount(ofRow row: Int) -> Int {
        (0..<width).reduce(width * MemoryLayout<Cell>.stride) { $0 + Int(self[row, $1].length) }
    }

    @inlinable
    public subscript(row: Int, column: Int) -> Cell {
        cells[row * width + column]
    }
}

// MARK: - Writing

extension RowBatch {
    /// Adds the next cell of the row that is being written; a row is complete with its `width`th cell.
    @inlinable
    public mutating func append(_ cell: Cell) {
        precondition(!cell.isInHeap, "such a cell belongs to the heap it was made in")
        appendUnchecked(cell)
    }

    /// Adds a string cell. `utf8` must be valid UTF-8.
    @inlinable
    public mutating func append(utf8: UnsafeRawBufferPointer) {
        append(.string, utf8)
    }

    /// Adds a cell whose bytes are in the heap; they must be what the tag says.
    @inlinable
    public mutating func append(_ tag: Cell.Tag, _ bytes: UnsafeRawBufferPointer) {
        let cell = store(tag, bytes)
        appendUnchecked(cell)
    }

    public mutating func append(_ string: String) {
        var string = string
        string.withUTF8 { append(utf8: UnsafeRawBufferPointer($0)) }
    }

    /// Adds a row of absent cells, to be filled by ``set(row:column:to:)``.
    public mutating func appendAbsentRow() {
        precondition(cells.count % width == 0, "the last row is not complete")
        storedCells.append(contentsOf: repeatElement(.absent, count: width))
    }

    public mutating func set(row: Int, column: Int, to cell: Cell) {
        precondition(!cell.isInHeap, "such a cell belongs to the heap it was made in")
        storedCells[row * width + column] = cell
    }

    public mutating func set(row: Int, column: Int, to string: String) {
        var string = string
        string.withUTF8 { set(row: row, column: column, to: .string, UnsafeRawBufferPointer($0)) }
    }

    /// Replaces a cell with one whose bytes are in the heap; they must be what the tag says.
    public mutating func set(row: Int, column: Int, to tag: Cell.Tag, _ bytes: UnsafeRawBufferPointer) {
        storedCells[row * width + column] = store(tag, bytes)
    }

    /// Replaces a cell with one of another batch.
    public mutating func set(row: Int, column: Int, to cell: Cell, of other: RowBatch) {
        guard cell.isInHeap else { return set(row: row, column: column, to: cell) }
        other.withBytes(of: cell) { set(row: row, column: column, to: cell.tag, $0) }
    }

    /// Copies a cell of another batch to the end of this one.
    public mutating func append(_ cell: Cell, of other: RowBatch) {
        guard cell.isInHeap else { return append(cell) }
        other.withBytes(of: cell) { append(cell.tag, $0) }
    }

    /// Copies a row of another batch of the same width to the end of this one.
    public mutating func append(row: Int, of other: RowBatch) {
        precondition(other.width == width, "both batches hold rows of one schema")
        for column in 0..<width { append(other[row, column], of: other) }
    }

    public mutating func removeLastRow() {
        storedCells.removeLast(width)
    }

    @inlinable
    mutating func appendUnchecked(_ cell: Cell) {
        storedCells.append(cell)
    }

    @inlinable
    mutating func store(_ tag: Cell.Tag, _ bytes: UnsafeRawBufferPointer) -> Cell {
        let offset = storedHeap.count
        precondition(bytes.count <= UInt32.max, "a value has less than 4 GiB")
        storedHeap.append(contentsOf: bytes)
        return Cell(tag, length: UInt32(truncatingIfNeeded: bytes.count), bits: UInt64(offset))
    }
}

// MARK: - Reading

extension RowBatch {
    /// The bytes of a cell of this batch that has them in the heap; none for any other cell. They are valid inside `body`
    /// only.
    @inlinable
    public func withBytes<R, E: Error>(of cell: Cell, _ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        precondition(!cell.isInHeap || Int(cell.bits) + Int(cell.length) <= heap.count, "a cell of another batch")
        var result: Result<R, E>?
        storedHeap.withUnsafeBytes { bytes in
            let slice =
                cell.isInHeap
                ? UnsafeRawBufferPointer(rebasing: bytes[Int(cell.bits)..<Int(cell.bits) + Int(cell.length)])
                : UnsafeRawBufferPointer(start: nil, count: 0)
            do throws(E) { result = .success(try body(slice)) } catch { result = .failure(error) }
        }
        // `withUnsafeBytes` calls its body once, before it returns.
        return try result.unsafelyUnwrapped.get()
    }

    /// The string of a string cell of this batch, else nil.
    public func string(of cell: Cell) -> String? {
        guard cell.tag == .string else { return nil }
        return withBytes(of: cell) { String(decoding: $0, as: UTF8.self) }
    }
}

// MARK: - Comparing

extension RowBatch: Equatable {
    /// Equal in their values, wherever these lie in their heaps.
    public static func == (a: RowBatch, b: RowBatch) -> Bool {
        a.width == b.width && a.cells.count == b.cells.count
            && zip(a.cells, b.cells).allSatisfy { a.isEqual($0, to: $1, of: b) }
    }

    private func isEqual(_ cell: Cell, to other: Cell, of batch: RowBatch) -> Bool {
        guard cell.tag == other.tag else { return false }
        guard cell.isInHeap else { return cell.bits == other.bits }
        return withBytes(of: cell) { mine in batch.withBytes(of: other) { mine.elementsEqual($0) } }
    }
}
