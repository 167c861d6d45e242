import MartletModel

extension ResourceKey: DescribedKey {
    var help: String {
        switch self {
        case .name: "The resource's name, and its path. Default: the file's name without .yaml."
        case .fields: "The fields of a record by name, in the order of its JSON. One of them is the key."
        case .unique: "Sets of fields whose values together no two records share."
        case .indexes: "Sets of fields by which together queries are to be fast."
        case .preconditions: "Whether PUT, PATCH and DELETE have to say which version they mean. Default: optional."
        case .table: "The table's name. Default: the resource's."
        }
    }

    var jsonSchema: JSONValue {
        switch self {
        case .name: ["type": "string", "pattern": "^[a-z][a-z0-9_-]{0,62}$"]
        case .fields:
            [
                "type": "object", "minProperties": 1,
                "propertyNames": ["pattern": "^[a-z][a-zA-Z0-9]{0,62}$"],
                "additionalProperties": ["$ref": "#/$defs/field"],
            ]
        case .unique, .indexes:
            [
                "type": "array",
                "items": ["type": "array", "minItems": 2, "uniqueItems": true, "items": ["type": "string"]],
            ]
        case .preconditions: .choice(Preconditions.self)
        case .table: ["type": "string", "pattern": "^[a-z][a-z0-9_]{0,62}$"]
        }
    }
}
