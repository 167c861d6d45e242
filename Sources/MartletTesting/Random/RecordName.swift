import MartletModel

/// What a sequence calls a record, before any storage gave it a key.
struct RecordName: Hashable, Sendable {
    let number: Int64
}

extension RecordName {
    /// The key that the record got; one that none has if its insert was refused.
    func key(in keys: [RecordName: Key]) -> Key {
        keys[self] ?? .integer(-1)
    }
}

extension RecordName: CustomStringConvertible {
    var description: String { "#\(number)" }
}
