import MartletModel

/// What a storage keeps of a committed transaction to repeat its answer.
extension Transaction {
    /// What became of the mutations, as bytes.
    public func encode(_ written: [Written]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (mutation, each) in zip(mutations, written) {
            bytes.append(littleEndian: mutation.resource.checksum)
            bytes.append(each.isNew ? 1 : 0)
            each.record.append(to: &bytes)
        }
        return bytes
    }

    /// Reads what ``encode(_:)`` wrote for the same transaction.
    /// - Returns: nil when the resources have changed since then.
    public func decode(_ bytes: [UInt8]) -> [Written]? {
        var rest = bytes[...]
        var written: [Written] = []
        for mutation in mutations {
            guard rest.takeInteger(UInt32.self) == mutation.resource.checksum, let isNew = rest.popFirst(),
                let record = RowBatch(takenFrom: &rest), record.width == mutation.resource.width, record.count == 1
            else { return nil }
            written.append(Written(record, isNew: isNew == 1))
        }
        return written
    }
}
