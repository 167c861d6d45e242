import MartletModel

/// What a sequence calls a record.
enum RecordName: Hashable, Sendable {
    /// The record of an insert to which the storage gives a key. Numbers count inserts.
    case numbered(Int64)
    /// The record with this key.
    case keyed(Key)
}

extension RecordName: CustomStringConvertible {
    var description: String {
        switch self {
        case .numbered(let number): "#\(number)"
        case .keyed(let key): "\(key)".debugDescription
        }
    }
}
