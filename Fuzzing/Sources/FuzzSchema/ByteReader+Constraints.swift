import MartletModel

/// Declarations: most that can be said, sensible or not.
extension ByteReader {
    mutating func resource() -> ResourceSchema? {
        var fields: [FieldSchema] = []
        for index in 0...byte() % 5 {
            // A name that is free, most of the time.
            let name = isSet() ? text() : "f\(index)"
            let (type, isNullable) = (choice(ValueType.allCases), isSet())
            let constraints = (0..<byte() % 5).map { _ in constraint() }
            if let field = try? FieldSchema(name, type, isNullable: isNullable, constraints) { fields.append(field) }
        }
        let id = try? FieldSchema("id", .integer, [.key(choice(kinds))])
        if let id, !fields.contains(where: { $0.key != nil }) { fields.append(id) }
        let names = fields.map(\.name)
        let sets = (0..<byte() % 3).map { _ in (0..<byte() % 4).map { _ in choice(names + ["none"]) } }
        return try? ResourceSchema(
            isSet() ? text() : "things", fields, table: isSet() ? text() : nil, unique: isSet() ? sets : [],
            indexes: isSet() ? sets : [], requiresPreconditions: isSet())
    }

    private var kinds: [KeyKind] { KeyKind.allCases }

    private mutating func constraint() -> Constraint {
        switch byte() % 15 {
        case 0: .key(choice(kinds))
        case 1: .length(ordered(Int(truncatingIfNeeded: integer()), Int(truncatingIfNeeded: integer())))
        case 2: .range(.integers(ordered(integer(), integer())))
        case 3: .range(.numbers(ordered(number(), number())))
        case 4: .pattern(text())
        case 5: .format(.email)
        case 6: .values((0..<byte() % 4).map { _ in text() })
        case 7: .unique(ignoringCase: isSet())
        case 8: .indexed
        case 9: .default(value())
        case 10: .readOnly
        case 11: .writeOnly
        case 12: .managed(choice(ManagedField.allCases))
        case 13: .references(text(), onDelete: choice(DeleteRule.allCases))
        default: isSet() ? .column(text()) : .renamedFrom(text())
        }
    }

    private mutating func value() -> JSONValue {
        switch byte() % 6 {
        case 0: .null
        case 1: .bool(isSet())
        case 2: .number("\(integer())")
        case 3: .number("\(number())")
        case 4: .array([.string(text()), .object([.init(text(), .null)])])
        default: .string(text())
        }
    }

    private func ordered<Value: Comparable>(_ one: Value, _ other: Value) -> ClosedRange<Value> {
        min(one, other)...max(one, other)
    }
}
