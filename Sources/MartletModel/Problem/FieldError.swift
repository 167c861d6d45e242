/// What is wrong with one part of a request, and where.
public struct FieldError: Error, Sendable, Equatable {
    public enum Location: Sendable, Equatable {
        /// A place in the body: a JSON Pointer as a URI fragment (`#/email`, `#/0/email`).
        case pointer(String)
        /// A query parameter's name.
        case parameter(String)
    }

    /// A stable name for a kind of mistake.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String

        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        public static let required = Code(rawValue: "required")
        public static let notNullable = Code(rawValue: "not_nullable")
        public static let type = Code(rawValue: "type")
        public static let range = Code(rawValue: "range")
        public static let length = Code(rawValue: "length")
        public static let format = Code(rawValue: "format")
        public static let pattern = Code(rawValue: "pattern")
        /// None of the values that an enumeration has.
        public static let enumeration = Code(rawValue: "enum")
        /// U+0000 in a string.
        public static let characters = Code(rawValue: "characters")
        public static let readOnly = Code(rawValue: "read_only")
        /// PUT: the body's key isn't the path's.
        public static let keyMismatch = Code(rawValue: "key_mismatch")
        public static let unknownField = Code(rawValue: "unknown_field")
        public static let unknownParameter = Code(rawValue: "unknown_parameter")
        public static let repeatedParameter = Code(rawValue: "repeated_parameter")
        public static let invalidParameter = Code(rawValue: "invalid_parameter")
        public static let unique = Code(rawValue: "unique")
        /// The record that a field refers to isn't there.
        public static let reference = Code(rawValue: "reference")
        /// The record is the one that another record's field refers to.
        public static let referenced = Code(rawValue: "referenced")
        /// A rule of the application's or of the database's own, beyond the schema.
        public static let refused = Code(rawValue: "refused")
        /// In a batch: what `$ref` names, a path or a method that can't be.
        public static let operation = Code(rawValue: "operation")
        /// In a batch: the record isn't there, or not in the version that was meant.
        public static let notFound = Code(rawValue: "not_found")
        public static let preconditionFailed = Code(rawValue: "precondition_failed")

        /// Every code that this version sends.
        public static let all: [Code] = [
            .required, .notNullable, .type, .range, .length, .format, .pattern, .enumeration, .characters, .readOnly,
            .keyMismatch, .unknownField, .unknownParameter, .repeatedParameter, .invalidParameter, .unique, .reference,
            .referenced, .refused, .operation, .notFound, .preconditionFailed,
        ]
    }

    public let location: Location
    public let code: Code
    /// For a person: completes "`name` …".
    public let detail: String

    public init(at location: Location, _ code: Code, _ detail: String) {
        self.location = location
        self.code = code
        self.detail = detail
    }

    /// An error at a field of the body.
    public init(field: String, _ code: Code, _ detail: String) {
        self.init(at: .pointer(Self.pointer(to: field)), code, detail)
    }

    /// The same error where the body that it is about is part of a larger one.
    /// - Parameter prefix: a JSON Pointer, such as `/0`.
    public func under(_ prefix: String) -> FieldError {
        guard case .pointer(let pointer) = location else { return self }
        return FieldError(at: .pointer("#" + prefix + pointer.dropFirst()), code, detail)
    }

    /// The fragment that points at a member of the body: `~` and `/` escaped as RFC 6901 says, and what a URI
    /// fragment can't hold percent-encoded (RFC 3986, section 3.5).
    static func pointer(to member: String) -> String {
        let escaped = member.utf8.flatMap { byte in
            switch byte {
            case UInt8(ascii: "~"): Array("~0".utf8)
            case UInt8(ascii: "/"): Array("~1".utf8)
            default: [byte]
            }
        }
        return "#/"
            + PercentEncoding.encode(escaped) { PercentEncoding.isUnreserved($0) || "!$&'()*+,;=:@?".utf8.contains($0) }
    }
}
