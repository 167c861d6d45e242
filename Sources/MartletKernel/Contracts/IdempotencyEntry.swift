public import MartletModel

/// What a storage keeps of a committed transaction, so that it is answered again and not done again.
public struct IdempotencyEntry: Sendable {
    public let fingerprint: UInt64
    /// ``Transaction/time``.
    public let time: Timestamp
    /// ``Transaction/encode(_:)`` wrote it.
    public let result: [UInt8]

    public init(fingerprint: UInt64, time: Timestamp, result: [UInt8]) {
        (self.fingerprint, self.time, self.result) = (fingerprint, time, result)
    }
}

extension Transaction {
    /// A record begins with a checksum and a byte that is 0 or 1. After the last one this byte tells the names of columns.
    private static let names: UInt8 = 2

    /// What became of the mutations, as bytes: their records, and the names of the records' columns, by which a server whose
    /// resources have other fields reads them.
    public func encode(_ written: [Written]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (mutation, each) in zip(mutations, written) {
            bytes.append(littleEndian: mutation.resource.checksum)
            bytes.append(each.isNew ? 1 : 0)
            each.record.append(to: &bytes)
        }
        // Earlier versions don't read on.
        bytes.append(littleEndian: 0 as UInt32)
        bytes.append(Self.names)
        var resources: Set<String> = []
        for resource in mutations.map(\.resource) where resources.insert(resource.name).inserted {
            bytes.append(text: resource.name)
            bytes.append(littleEndian: UInt32(resource.fields.count))
            for field in resource.fields { bytes.append(text: field.name) }
        }
        return bytes
    }

    /// What the transaction is answered when an entry of its scope is there.
    public func result(of entry: IdempotencyEntry) -> CommitResult {
        guard entry.fingerprint == idempotency?.fingerprint else {
            return .refused([Refusal(mutation: 0, .idempotencyKeyReused)])
        }
        guard let kept = KeptResult(entry.result) else { return .refused([Refusal(mutation: 0, .alreadyDone(nil))]) }
        var written: [Written] = []
        for (index, mutation) in mutations.enumerated() {
            guard kept.records.indices.contains(index),
                let record = kept.record(index, of: mutation.resource, at: entry.time)
            else {
                return .refused([Refusal(mutation: index, .alreadyDone(kept.key(index, of: mutation.resource)))])
            }
            written.append(Written(record, isNew: kept.records[index].isNew))
        }
        return .replayed(written)
    }

    /// What ``encode(_:)`` wrote, with the resources as they were then.
    private struct KeptResult {
        private(set) var records: [(checksum: UInt32, isNew: Bool, row: RowBatch)] = []
        /// By resource. Earlier versions kept none.
        private var columns: [String: [String]] = [:]

        /// Nil for other bytes.
        init?(_ bytes: [UInt8]) {
            var rest = bytes[...]
            while let checksum = rest.takeInteger(UInt32.self), let kind = rest.popFirst() {
                guard kind != Transaction.names else { break }
                guard let row = RowBatch(takenFrom: &rest), row.count == 1 else { return nil }
                records.append((checksum, kind == 1, row))
            }
            while let name = rest.takeText(), let count = rest.takeInteger(UInt32.self) {
                var names: [String] = []
                for _ in 0..<count {
                    // Damaged bytes may tell of billions.
                    guard let name = rest.takeText() else { return nil }
                    names.append(name)
                }
                columns[name] = names
            }
        }

        /// As it would be if its resource had been changed after it was written: see ``FieldSchema/fill(_:_:at:)``.
        /// - Returns: nil when it has no value for a field that needs one.
        func record(_ index: Int, of resource: ResourceSchema, at time: Timestamp) -> RowBatch? {
            let (checksum, _, kept) = records[index]
            guard let columns = columns[resource.name] else {
                return checksum == resource.checksum && kept.width == resource.width ? kept : nil
            }
            guard kept.width == columns.count + 1 else { return nil }
            var record = RowBatch(width: resource.width)
            record.appendAbsentRow()
            for (column, field) in resource.fields.enumerated() {
                let index = columns.index(of: field)
                if let index, kept[0, index].isNull || kept[0, index].tag == field.type.tag {
                    record.set(row: 0, column: column, to: kept[0, index], of: kept)
                } else {
                    field.fill(&record, column, at: time)
                }
                guard !record[0, column].isNull || field.isNullable || field.isWriteOnly else { return nil }
            }
            record.set(row: 0, column: resource.versionIndex, to: kept[0, columns.count])
            return record
        }

        /// Of the record, where it is known and still a key of its resource.
        func key(_ index: Int, of resource: ResourceSchema) -> Key? {
            guard records.indices.contains(index), let column = columns[resource.name]?.index(of: resource.key),
                case let row = records[index].row, column < row.width, row[0, column].tag == resource.key.type.tag
            else { return nil }
            return Key(row[0, column], of: row)
        }
    }
}

extension [String] {
    /// Of a field, under its name or the one that it had before.
    fileprivate func index(of field: FieldSchema) -> Int? {
        firstIndex(of: field.name) ?? field.renamedFrom.flatMap { firstIndex(of: $0) }
    }
}

extension [UInt8] {
    fileprivate mutating func append(text: String) {
        append(littleEndian: UInt32(text.utf8.count))
        append(contentsOf: text.utf8)
    }
}

extension ArraySlice<UInt8> {
    fileprivate mutating func takeText() -> String? {
        guard let length = takeInteger(UInt32.self), count >= length else { return nil }
        defer { removeFirst(Int(length)) }
        return String(decoding: prefix(Int(length)), as: UTF8.self)
    }
}
