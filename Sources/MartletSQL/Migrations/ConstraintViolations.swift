package import MartletModel

/// Records that a table's new definition wouldn't allow: an obstacle to a migration, in the same words on every storage.
package struct ConstraintViolations: Sendable, CustomStringConvertible {
    package enum Reason: Sendable, Equatable {
        /// They have nothing for a new field.
        case withoutValue
        /// Their value is null, and may not be.
        case null
        /// Their value is none that the field takes, which ``MartletModel/FieldSchema/admittedValues`` says.
        case check(String)
        /// Their text or their bytes are more than an index takes, which is this many bytes.
        case tooLongForIndex(Int)
        /// They refer to a record of this resource that isn't there.
        case danglingReferences(to: String)
        /// They share their values with others.
        case duplicates
        /// The key would be another one.
        case otherKey
    }

    package let resource: String
    /// By name.
    package let fields: [String]
    package let reason: Reason
    package let count: Int64
    /// The first of them, in the order of keys; nil where that can't be said.
    package let first: Key?

    package init(_ resource: String, _ fields: [String], _ reason: Reason, count: Int64, first: Key?) {
        (self.resource, self.fields, self.reason) = (resource, fields, reason)
        (self.count, self.first) = (count, first)
    }

    package var description: String {
        let names = fields.map { "\(resource).\($0)" }.joined(separator: " with ")
        let records = count == 1 ? "1 record" : "\(count) records"
        let which = first.map { "\(records), the first with the key \($0)" } ?? records
        let violations = which + (first == nil ? "" : ",") + (count == 1 ? " doesn't fit" : " don't fit")
        return switch reason {
        case .withoutValue: "\(names): there is no value for \(which); give it a default, or make it nullable"
        case .null: "\(names): null in \(which), where it must not be"
        case .check(let admitted):
            "\(names): \(violations); it takes \(admitted)"
        case .tooLongForIndex(let limit): "\(names): \(violations); an index takes at most \(limit) bytes"
        case .danglingReferences(let target): "\(names): \(which) refer to no record of \(target)"
        case .duplicates: "\(names): not unique in \(which)"
        case .otherKey: "\(names): it can't become the key of \(which), which would lose theirs"
        }
    }
}

extension FieldSchema {
    /// What its values can be, for an operator: `1 to 40 characters`.
    package var admittedValues: String {
        switch (type, range) {
        case (.string, _): Self.words(length?.lowerBound ?? 0, length?.upperBound ?? .max, .max, "characters")
        case (.bytes, _): Self.words(length?.lowerBound ?? 0, length?.upperBound ?? .max, .max, "bytes")
        case (.enumeration, _): "one of " + values.prefix(20).joined(separator: ", ") + (values.count > 20 ? ", …" : "")
        case (_, .integers(let range)): Self.words(range.lowerBound, range.upperBound, .max, nil)
        case (_, .numbers(let range)):
            Self.words(range.lowerBound, range.upperBound, .greatestFiniteMagnitude, nil)
        case (.timestamp, _), (.date, _): "the years 1 to 9999"
        default: "finite numbers only"
        }
    }

    private static func words<Value: Comparable & SignedNumeric>(
        _ lower: Value, _ upper: Value, _ highest: Value, _ unit: String?
    ) -> String {
        let unit = unit.map { " \($0)" } ?? ""
        if upper >= highest { return "at least \(lower)\(unit)" }
        if lower <= -highest { return "at most \(upper)\(unit)" }
        return "\(lower) to \(upper)\(unit)"
    }
}
