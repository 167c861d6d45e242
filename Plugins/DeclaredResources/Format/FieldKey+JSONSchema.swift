import MartletModel

extension FieldKey: DescribedKey {
    var help: String {
        switch self {
        case .type: "What it holds. With values, managed or references it needn't be said."
        case .nullable: "Whether it may be null. Default: false."
        case .key: "It identifies a record: the server generates it, or the client assigns it."
        case .references: "The resource that it holds a key of."
        case .onDelete: "What becomes of the record when that one is deleted. Default: restrict, it can't be."
        case .managed: "The server keeps it: when the record was created, or last changed."
        case .values: "What an enumeration can be."
        case .length: "A string's length in characters, or that of bytes: 5, 1..200, 1.. or ..200."
        case .range: "The least and the greatest value of a number: 0..100, 0.5.. or ..10."
        case .pattern: "A regular expression that is found in the string."
        case .format: "A string's syntax."
        case .unique: "No two records have the same value. ignoringCase: A to Z equal a to z."
        case .indexed: "Queries by it are to be fast."
        case .default: "What a new record has where nothing was said."
        case .readOnly: "Clients can't write it."
        case .writeOnly: "Clients write it and never read it, such as a password."
        case .column: "The column's name. Default: the field's in snake_case."
        case .renamedFrom:
            "The name that the field had before: the next start renames its column with its values."
        }
    }

    var jsonSchema: JSONValue {
        switch self {
        case .type: .choice(ValueType.self)
        case .nullable, .indexed, .readOnly, .writeOnly: ["type": "boolean"]
        case .key: .choice(KeyKind.self)
        case .references, .pattern: ["type": "string"]
        case .onDelete: .choice(DeleteRule.self)
        case .managed: .choice(ManagedField.self)
        // What YAML takes for a number or a boolean is a text here, as it is written.
        case .values:
            [
                "type": "array", "minItems": 1, "uniqueItems": true,
                "items": ["type": ["string", "number", "boolean"]],
            ]
        case .length:
            [
                "anyOf": [
                    ["type": "integer", "minimum": 0], ["type": "string", "pattern": #"^(\d+\.\.\d*|\.\.\d+)$"#],
                ]
            ]
        case .range: ["type": "string", "pattern": #"^(-?\d[-+.eE\d]*?\.\.(-?\d[-+.eE\d]*)?|\.\.-?\d[-+.eE\d]*)$"#]
        case .format: .choice(Format.self)
        case .unique: ["enum": [true, false, "ignoringCase"]]
        case .default: [:]
        case .column: ["type": "string", "pattern": "^[a-z][a-z0-9_]{0,62}$"]
        case .renamedFrom: ["type": "string", "pattern": "^[a-z][a-zA-Z0-9]{0,62}$"]
        }
    }
}
