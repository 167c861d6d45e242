import MartletModel

/// A field's part in the source of a Swift type.
struct SwiftField {
    /// The property's name.
    let name: String
    /// The property's type.
    let type: String
    private let field: FieldSchema
    private let valueType: String

    /// - Parameter typeName: the name of the type that it is a field of.
    init(_ field: FieldSchema, in typeName: String) {
        self.field = field
        name = SwiftName.property(of: field.name)
        valueType = Self.valueType(of: field, in: typeName)
        type = field.isNullable ? "\(valueType)?" : valueType
    }

    private static func valueType(of field: FieldSchema, in typeName: String) -> String {
        switch field.type {
        case .integer: "Int64"
        case .number: "Double"
        case .string: "String"
        case .boolean: "Bool"
        case .timestamp: "Timestamp"
        case .date: "CalendarDate"
        case .uuid: "UUID"
        case .bytes: "[UInt8]"
        case .json: "JSONValue"
        case .enumeration: SwiftName.type(ofField: field.name, in: typeName)
        }
    }

    /// The type of an enumeration, in lines; nil for all other fields.
    var enumeration: [String]? {
        guard field.type == .enumeration else { return nil }
        let cases = SwiftName.cases(of: field.values)
        var lines = [
            "    /// What `\(field.name)` can be.", "    public enum \(valueType): String, EnumerationValue {",
        ]
        // The linter has cases without a raw value of their own share a line.
        var plain: [String] = []
        func flush() {
            let line = "        case \(plain.joined(separator: ", "))"
            lines += plain.isEmpty || line.count <= SwiftLines.width ? [line] : plain.map { "        case \($0)" }
            plain = []
        }
        for (value, name) in zip(field.values, cases) {
            if SwiftName.escaped(value) == name {
                plain.append(name)
            } else {
                if !plain.isEmpty { flush() }
                lines.append("        case \(name) = \(SwiftLiteral.string(value))")
            }
        }
        if !plain.isEmpty { flush() }
        return lines + ["    }"]
    }

    /// `Field("title", \.title, .length(1...200)),`
    var declaration: [String] {
        let arguments = [SwiftLiteral.string(field.name), "\\.\(name)"] + constraints
        return SwiftLines.call("Field(", arguments, "),", depth: 2)
    }

    private var constraints: [String] {
        [
            field.key.map { ".key(.\($0.rawValue))" },
            field.reference.map(Self.source),
            field.managed.map { ".managed(.\($0.rawValue))" },
            field.length.map { ".length(\(SwiftLiteral.length($0)))" },
            field.range.map { ".range(\(SwiftLiteral.range($0)))" },
            field.pattern.map { ".pattern(\(SwiftLiteral.string($0.source)))" },
            field.format.map { ".\($0.rawValue)" },
            field.uniqueness.map { $0 == .exact ? ".unique" : ".unique(ignoringCase: true)" },
            field.isIndexed ? ".indexed" : nil,
            field.defaultValue.map { ".default(\(SwiftLiteral.json($0)))" },
            field.isDeclaredReadOnly ? ".readOnly" : nil,
            field.isWriteOnly ? ".writeOnly" : nil,
            field.column == Self.standardColumn(of: field) ? nil : ".column(\(SwiftLiteral.string(field.column)))",
            field.renamedFrom.map { ".renamedFrom(\(SwiftLiteral.string($0)))" },
        ].compactMap { $0 }
    }

    private static func source(of reference: Reference) -> String {
        let rule = reference.onDelete == .restrict ? "" : ", onDelete: .\(reference.onDelete.rawValue)"
        return ".references(\(SwiftLiteral.string(reference.resource))\(rule))"
    }

    /// The column of a field of this name that doesn't say which.
    private static func standardColumn(of field: FieldSchema) -> String? {
        (try? FieldSchema(field.name, .integer))?.column
    }
}
