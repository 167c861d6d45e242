/// Rows as bytes that outlive the process: what a storage keeps of a committed write to repeat its answer.
extension RowBatch {
    /// Little-endian: the width and the number of rows as 32 bits each, then each cell as its tag (8 bits) and, if the tag
    /// has a value, 64 bits, or for one in the heap its length (32 bits) and its bytes.
    public func append(to bytes: inout [UInt8]) {
        bytes.append(littleEndian: UInt32(truncatingIfNeeded: width))
        bytes.append(littleEndian: UInt32(truncatingIfNeeded: count))
        for cell in cells {
            bytes.append(cell.tag.rawValue)
            if cell.isInHeap {
                bytes.append(littleEndian: cell.length)
                withBytes(of: cell) { bytes.append(contentsOf: $0) }
            } else if !cell.isAbsent, !cell.isNull {
                bytes.append(littleEndian: cell.bits)
            }
        }
    }

    /// Reads what ``append(to:)`` wrote, from the beginning of `bytes`, and takes it off there.
    /// - Returns: nil for bytes that it didn't write.
    public init?(takenFrom bytes: inout ArraySlice<UInt8>) {
        guard let width = bytes.takeInteger(UInt32.self), let count = bytes.takeInteger(UInt32.self), width > 0 else {
            return nil
        }
        // A cell takes a byte at least: so many as there are no bytes for can't be meant.
        let (cells, overflows) = Int(width).multipliedReportingOverflow(by: Int(count))
        guard !overflows, cells <= bytes.count else { return nil }
        self.init(width: Int(width), reservingRows: Int(count))
        for _ in 0..<cells {
            guard let tag = bytes.popFirst().flatMap(Cell.Tag.init(rawValue:)) else { return nil }
            if tag.rawValue >= Cell.Tag.string.rawValue {
                guard let length = bytes.takeInteger(UInt32.self), bytes.count >= length,
                    tag != .uuid || length == 16
                else { return nil }
                bytes.prefix(Int(length)).withUnsafeBytes { append(tag, $0) }
                bytes.removeFirst(Int(length))
            } else if tag == .absent || tag == .null {
                append(Cell(tag))
            } else {
                guard let bits = bytes.takeInteger(UInt64.self), case let cell = Cell(tag, bits: bits), cell.isPossible
                else { return nil }
                append(cell)
            }
        }
    }
}

extension Cell {
    /// Whether a cell that isn't in the heap holds what its type can be.
    fileprivate var isPossible: Bool {
        switch tag {
        case .number: Double(bitPattern: bits).isFinite
        case .timestamp: timestamp != nil
        case .date: date != nil
        default: true
        }
    }
}

extension [UInt8] {
    package mutating func append(littleEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}

extension ArraySlice<UInt8> {
    package mutating func takeInteger<Value: FixedWidthInteger>(_: Value.Type) -> Value? {
        let size = MemoryLayout<Value>.size
        guard count >= size else { return nil }
        let value = withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(as: Value.self)) }
        removeFirst(size)
        return value
    }
}
