import MartletKernel
import MartletModel

extension FileFormat {
    /// A file that declares a resource.
    static var resource: FileFormat {
        var writer = JSONWriter()
        writer.write(schema)
        return FileFormat(name: "resource", jsonSchema: writer.withBytes { Array($0) })
    }

    private static var schema: JSONValue {
        [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "A resource of Martlet",
            "description": "Its table, its validation, its routes and its documentation come from this declaration.",
            "type": "object",
            "required": ["fields"],
            "additionalProperties": false,
            "properties": .properties(of: ResourceKey.self),
            "$defs": ["field": field],
        ]
    }

    private static var field: JSONValue {
        [
            "description": "A type alone, or all that is said of the field.",
            // Where alternatives would do too, editors would say no more than that none of them fits.
            "if": ["type": "object"],
            "then": [
                "additionalProperties": false, "properties": .properties(of: FieldKey.self),
                "dependentRequired": ["onDelete": ["references"]],
                "anyOf": .array(
                    [FieldKey.type, .values, .managed, .references].map { ["required": .strings([$0.rawValue])] }),
            ],
            "else": ["enum": .strings(ValueType.allCases.filter { $0 != .enumeration }.map(\.rawValue))],
        ]
    }
}

/// A key of a file, with what may stand behind it.
protocol DescribedKey: RawRepresentable<String>, CaseIterable {
    var jsonSchema: JSONValue { get }
    /// One line.
    var help: String { get }
}

extension JSONValue {
    static func strings(_ texts: [String]) -> JSONValue {
        .array(texts.map { .string($0) })
    }

    /// What a mapping of these keys may hold.
    static func properties<Key: DescribedKey>(of _: Key.Type) -> JSONValue {
        .object(
            Key.allCases.map { key in
                let description = Member("description", .string(key.help))
                return Member(key.rawValue, .object([description] + (key.jsonSchema.members ?? [])))
            })
    }

    /// One of an enumeration's values.
    static func choice<Choice: RawRepresentable<String> & CaseIterable>(_: Choice.Type) -> JSONValue {
        ["enum": .strings(Choice.allCases.map(\.rawValue))]
    }
}
