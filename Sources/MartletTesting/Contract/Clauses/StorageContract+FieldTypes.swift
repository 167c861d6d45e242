import MartletKernel
import MartletModel

/// Fields whose type changes. A storage may keep several types in one type of its database, and still doesn't take the values of
/// one for those of another.
extension StorageContract {
    static let retypings: [Clause] =
        ValueType.allCases.map { old in
            .reopening("what was \(old) becomes another type only when that is allowed, and begins anew") { database in
                let (before, after) = try (Retyping.schema { _ in old }, Retyping.schema { $0 })
                let stored = try await database.open([before]) { subject in
                    try await subject.insert(Retyping.record { _ in old }, into: before)
                    return try await subject.fields(of: before)
                }
                let losses = Retyping.losses(from: old)
                let plan = try await database.migrate(to: [after], .plan)
                guard plan.changes.filter(\.losesData) == losses, plan.obstacles.isEmpty else {
                    throw ContractViolation(
                        "the plan tells what is lost\n  expected: \(losses.map(\.summary))\n  got: \(plan.script)")
                }
                let refusal = try await database.refusal(of: [after], .lossless)
                for loss in losses where !refusal.contains("would lose data: \(loss.summary)") {
                    throw ContractViolation("the refusal tells \"\(loss.summary)\"\n  got: \(refusal)")
                }
                try await database.expectFits([before])
                try await database.open([before]) { subject in
                    try await subject.expect(subject.fields(of: before), stored, "the records after the refusal")
                }
                _ = try await database.migrate(to: [after], .destructive)
                try await database.expectFits([after])
                let kept = stored.map { fields in fields.merging(Retyping.lost(from: old)) { _, new in new } }
                try await database.open([after]) { subject in
                    try await subject.expect(subject.fields(of: after), kept, "the records after the migration")
                    try await subject.insert(Retyping.record { $0 }, into: after)
                }
            }
        } + [
            .reopening("a unique field of another type would be the same everywhere, which is refused") { database in
                func things(_ code: FieldSchema) throws -> [ResourceSchema] {
                    [try ResourceSchema("things", [MisfittingVersion.key, code])]
                }
                let before = try things(FieldSchema("code", .boolean, [.unique]))
                try await database.open(before) { subject in
                    for code in [false, true] { try await subject.insert(["code": .bool(code)], into: before[0]) }
                }
                let after = try things(FieldSchema("code", .integer, [.unique, .default(7)]))
                for mode in [Migration.Mode.lossless, .destructive] {
                    let refusal = try await database.refusal(of: after, mode)
                    guard refusal.contains("things.code: not unique in 2 records, the first with the key 1") else {
                        throw ContractViolation("the refusal tells the records\n  got: \(refusal)")
                    }
                }
                try await database.expectFits(before)
            }
        ]
}

/// A resource with a field for each type that another one becomes.
private enum Retyping {
    /// - Parameter type: the type of the field that is to become such a one.
    static func schema(_ type: (ValueType) -> ValueType) throws -> ResourceSchema {
        let fields = try ValueType.allCases.map { target in
            let values: [Constraint] = type(target) == .enumeration ? [.values(["a", "b"])] : []
            return try FieldSchema(name(target), type(target), isNullable: true, values)
        }
        return try ResourceSchema("things", [MisfittingVersion.key] + fields)
    }

    static func record(_ type: (ValueType) -> ValueType) -> [String: JSONValue] {
        Dictionary(ValueType.allCases.map { (name($0), value(type($0))) }) { first, _ in first }
    }

    static func losses(from old: ValueType) -> [Migration.Change] {
        lossy(old).map { target in
            let (before, after) = (ColumnShape.fieldType(old), ColumnShape.fieldType(target))
            return TableChange.retypeColumn("to_\(target)", from: before, to: after).change(in: "things")
        }
    }

    /// What becomes of the record.
    static func lost(from old: ValueType) -> [String: JSONValue] {
        Dictionary(lossy(old).map { (name($0), .null) }) { first, _ in first }
    }

    /// A string and an enumeration are one type.
    private static func lossy(_ old: ValueType) -> [ValueType] {
        ValueType.allCases.filter { ColumnShape.fieldType($0) != ColumnShape.fieldType(old) }
    }

    private static func name(_ target: ValueType) -> String {
        "to\(target.rawValue.prefix(1).uppercased())\(target.rawValue.dropFirst())"
    }

    private static func value(_ type: ValueType) -> JSONValue {
        switch type {
        case .integer: 1
        case .number: 1.5
        case .string, .enumeration: "a"
        case .boolean: true
        case .timestamp: "2026-01-01T00:00:00Z"
        case .date: "2026-01-01"
        case .uuid: "00000000-0000-0000-0000-000000000001"
        case .bytes: "AP8="
        case .json: .object([JSONValue.Member("a", .integer(1))])
        }
    }
}
