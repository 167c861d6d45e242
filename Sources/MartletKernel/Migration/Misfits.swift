public import MartletModel

/// Records that a table's new definition wouldn't allow: an obstacle to a migration, in the same words on every storage.
public struct Misfits: Sendable, CustomStringConvertible {
    public enum Reason: Sendable, Equatable {
        /// They have nothing for a new field.
        case withoutValue
        /// Their value is null, and may not be.
        case null
        /// Their value doesn't satisfy a condition.
        case check(String)
        /// They refer to a record of this resource that isn't there.
        case orphans(of: String)
        /// They share their values with others.
        case doubles
        /// The key would be another one.
        case otherKey
    }

    public let resource: String
    /// By name.
    public let fields: [String]
    public let reason: Reason
    public let count: Int64
    /// The first of them, in the order of keys; nil where that can't be said.
    public let first: Key?

    public init(_ resource: String, _ fields: [String], _ reason: Reason, count: Int64, first: Key?) {
        (self.resource, self.fields, self.reason) = (resource, fields, reason)
        (self.count, self.first) = (count, first)
    }

    public var description: String {
        let names = fields.map { "\(resource).\($0)" }.joined(separator: " with ")
        let records = count == 1 ? "1 record" : "\(count) records"
        let which = first.map { "\(records), the first with the key \($0)" } ?? records
        return switch reason {
        case .withoutValue: "\(names): there is no value for \(which); give it a default, or make it nullable"
        case .null: "\(names): null in \(which), where it must not be"
        case .check(let condition): "\(names): \(which) don't fit: \(condition)"
        case .orphans(let target): "\(names): \(which) refer to no record of \(target)"
        case .doubles: "\(names): not unique in \(which)"
        case .otherKey: "\(names): it can't become the key of \(which), which would lose theirs"
        }
    }
}
