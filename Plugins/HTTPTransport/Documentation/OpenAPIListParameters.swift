import MartletKernel
import MartletModel

/// The query parameters of a resource's list: one for each field and operator, so that generated clients have them all.
struct OpenAPIListParameters {
    private let resource: ResourceSchema
    private let references: [String]

    /// - Parameter references: the names of what can be expanded.
    init(_ resource: ResourceSchema, references: [String]) {
        self.resource = resource
        self.references = references
    }

    /// Filters come last: there are many.
    var json: [JSONValue] {
        [Self.limit, Self.cursor, sort, fields] + expand + [count, or] + resource.fields.flatMap(filters)
    }

    /// References to show as the records that they lead to; nothing without references.
    var expand: [JSONValue] {
        guard !references.isEmpty else { return [] }
        let one = Self.anyOf(references)
        return [
            parameter(
                "expand", "References to be shown as the records that they lead to. An answer with it has no ETag.",
                text("^\(one)(?:,\(one)){0,\(references.count - 1)}$"))
        ]
    }

    private var sort: JSONValue {
        parameter(
            "sort",
            "Fields to sort by, at most \(SortTerm.mostTerms); `-` before one descends. Null comes first ascending, "
                + "last descending; texts are in the order of their UTF-8. What is left open, the key decides.",
            text("^-?\(sortable)(?:,-?\(sortable)){0,\(SortTerm.mostTerms - 1)}$"))
    }

    private var fields: JSONValue {
        parameter(
            "fields", "Fields to answer with; `*` is all. `\(ResourceSchema.versionName)` comes only when it is named.",
            text("^(?:\\*(?:,\(ResourceSchema.versionName))?|\(named)(?:,\(named)){0,\(shown.count)})$"))
    }

    private var count: JSONValue {
        parameter("count", "Whether to count the records of all pages, for `X-Total-Count`.", ["type": "boolean"])
    }

    private var or: JSONValue {
        parameter(
            "or",
            "Filters of which one has to hold: `(age.lt=18,age.gt=65)`. In their values `,` is `\\,` and `\\` is `\\\\`.",
            text(#"^\([^\u0000]+\)$"#))
    }

    private static let limit: JSONValue = [
        "name": "limit", "in": "query", "description": "Records in a page, at the most.",
        "schema": [
            "type": "integer", "minimum": 1, "maximum": .integer(ListQuery.maxLimit),
            "default": .integer(ListQuery.defaultLimit),
        ],
    ]

    private static let cursor: JSONValue = [
        "name": "cursor", "in": "query", "description": "Where the page starts. Opaque: take it from a `Link` header.",
        "schema": ["type": "string", "minLength": 1],
    ]

    // MARK: - Names in patterns

    private var shown: [String] { resource.fields.filter { !$0.isWriteOnly }.map(\.name) }
    private var sortable: String { Self.anyOf(resource.fields.filter(\.isSortable).map(\.name)) }
    private var named: String { Self.anyOf(shown + [ResourceSchema.versionName]) }

    private static func anyOf(_ texts: [String]) -> String {
        "(?:\(texts.map(escaped).joined(separator: "|")))"
    }

    /// As a regular expression that matches the text alone.
    private static func escaped(_ text: String) -> String {
        String(text.flatMap { #".*+?^${}()|[]\/"#.contains($0) ? ["\\", $0] : [$0] })
    }

    // MARK: - Filters

    private func filters(_ field: FieldSchema) -> [JSONValue] {
        field.filterOperators.map { operation in
            let name =
                operation == .equal && !ListOptions.names.contains(field.name)
                ? field.name : "\(field.name).\(operation.rawValue)"
            return parameter(name, Self.description(of: operation, field), schema(of: operation, field))
        }
    }

    private static func description(of operation: FilterOperator, _ field: FieldSchema) -> String {
        let name = field.name
        return switch operation {
        case .equal: "`\(name)` has this value."
        case .notEqual: "`\(name)` has another value, and is not null."
        case .less: "`\(name)` is less."
        case .lessOrEqual: "`\(name)` is less, or this."
        case .greater: "`\(name)` is greater."
        case .greaterOrEqual: "`\(name)` is greater, or this."
        case .oneOf:
            "`\(name)` has one of these values, at most \(Filter.mostValues), with commas between them"
                + (field.type == .string || field.type == .enumeration
                    ? "; in them `,` is `\\,` and `\\` is `\\\\`." : ".")
        case .like: "`\(name)` looks like this: `*` is any text; `\\*`, `\\,` and `\\\\` are the characters themselves."
        case .likeIgnoringCase: "The same as `\(name).like`, where `A` to `Z` are as `a` to `z`."
        case .isNull: "Whether `\(name)` is null."
        }
    }

    private func schema(of operation: FilterOperator, _ field: FieldSchema) -> JSONValue {
        switch operation {
        case .isNull: return ["type": "boolean"]
        case .oneOf: return several(field)
        case .like, .likeIgnoringCase:
            return [
                "type": "string", "maxLength": .integer(LikePattern.mostScalars),
                "pattern": .string(Self.withEscapes(field)),
            ]
        default: break
        }
        switch field.type {
        case .integer: return ["type": "integer", "format": "int64"]
        case .number: return ["type": "number", "format": "double"]
        case .boolean: return ["type": "boolean"]
        case .timestamp: return ["type": "string", "format": "date-time"]
        case .date: return ["type": "string", "format": "date"]
        case .uuid: return ["type": "string", "format": "uuid"]
        case .enumeration:
            return ["type": "string", "enum": .array(field.values.filter { !$0.isEmpty }.map { .string($0) })]
        case .bytes:
            return [
                "type": "string", "contentEncoding": "base64", "minLength": 4, "pattern": .string("^\(Self.base64)$"),
            ]
        case .string, .json:
            let isLiteral = operation == .equal || operation == .notEqual
            return text("^[^\(Self.refused(field))]\(isLiteral ? "*" : "+")$")
        }
    }

    /// Values with commas between them. A text and not an array: clients would write a comma within a value as it is.
    private func several(_ field: FieldSchema) -> JSONValue {
        let one: String
        switch field.type {
        case .string, .json: return text(Self.withEscapes(field))
        case .integer: one = "-?(?:0|[1-9][0-9]{0,18})"
        case .number: one = "-?(?:0|[1-9][0-9]{0,17})(?:\\.[0-9]{1,17})?(?:[eE][+-]?[0-9]{1,2})?"
        case .boolean: one = "(?:true|false)"
        case .timestamp:
            one =
                Self.day
                + "T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,6})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
        case .date: one = Self.day
        case .uuid: one = "[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"
        case .bytes: one = Self.base64
        case .enumeration: one = Self.anyOf(field.values.filter { !$0.isEmpty }.map { filterEscaped($0, ",") })
        }
        return text("^\(one)(?:,\(one)){0,\(Filter.mostValues - 1)}$")
    }

    /// A `\` only before what it takes the meaning from.
    private static func withEscapes(_ field: FieldSchema) -> String {
        #"^(?:[^\\\#(refused(field))]|\\[,*\\])+$"#
    }

    /// Characters of a class that no value of a field has. A space in an e-mail address is a `+` that was not encoded.
    private static func refused(_ field: FieldSchema) -> String {
        field.format == .email ? #"\u0000 "# : #"\u0000"#
    }

    private static let day =
        "(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
    private static let base64 =
        "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)"

    private func text(_ pattern: String) -> JSONValue {
        ["type": "string", "pattern": .string(pattern)]
    }

    private func parameter(_ name: String, _ description: String, _ schema: JSONValue) -> JSONValue {
        ["name": .string(name), "in": "query", "description": .string(description), "schema": schema]
    }
}
