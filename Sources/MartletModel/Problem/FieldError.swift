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

        /// Every code that this version sends.
        public static let all: [Code] = [
            .required, .notNullable, .type, .range, .length, .format, .characters, .readOnly, .keyMismatch,
            .unknownField, .unknownParameter, .repeatedParameter, .invalidParameter, .unique,
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

    /// The fragment that points at a member of the body: `~` and `/` escaped as RFC 6901 says, and what a URI
    /// fragment can't hold percent-encoded (RFC 3986, section 3.5).
    static func pointer(to member: String) -> String {
        var pointer = "#/"
        for byte in member.utf8 {
            switch byte {
            case UInt8(ascii: "~"): pointer += "~0"
            case UInt8(ascii: "/"): pointer += "~1"
            case _
            where isLowerCase(byte) || isUpperCase(byte) || isDigit(byte) || "-._!$&'()*+,;=:@?".utf8.contains(byte):
                pointer.unicodeScalars.append(UnicodeScalar(byte))
            default:
                pointer += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return pointer
    }
}
