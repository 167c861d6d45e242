public import FoundationEssentials
public import MartletModel

/// A record of `specimens`.
public struct Specimen: Model, Equatable {
    public var code: String
    public var count: Int64
    public var least: Int64?
    public var most: Int64?
    public var share: Double
    public var level: Double?
    public var rise: Double?
    public var title: String
    public var email: String
    public var password: String?
    public var isOpen: Bool
    public var happened: Timestamp
    public var day: CalendarDate?
    public var token: UUID?
    public var digest: [UInt8]?
    public var options: JSONValue
    public var anything: JSONValue?
    public var status: Status
    public var kind: Kind?
    public var `default`: String?
    public var owner: UUID
    public var parent: String?
    public var reviewer: UUID?
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    /// What `status` can be.
    public enum Status: String, EnumerationValue {
        case open
        case inProgress = "in-progress"
        case done = "Done"
        case `default`
        case value2 = "2"
        case other = ""
    }

    /// What `kind` can be.
    public enum Kind: String, EnumerationValue {
        case a, b
    }

    public init(
        code: String, count: Int64, least: Int64?, most: Int64?, share: Double, level: Double?, rise: Double?,
        title: String, email: String, password: String?, isOpen: Bool, happened: Timestamp, day: CalendarDate?,
        token: UUID?, digest: [UInt8]?, options: JSONValue, anything: JSONValue?, status: Status, kind: Kind?,
        `default`: String?, owner: UUID, parent: String?, reviewer: UUID?, createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.code = code
        self.count = count
        self.least = least
        self.most = most
        self.share = share
        self.level = level
        self.rise = rise
        self.title = title
        self.email = email
        self.password = password
        self.isOpen = isOpen
        self.happened = happened
        self.day = day
        self.token = token
        self.digest = digest
        self.options = options
        self.anything = anything
        self.status = status
        self.kind = kind
        self.`default` = `default`
        self.owner = owner
        self.parent = parent
        self.reviewer = reviewer
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    public static let schema = Schema(
        "specimens",
        Field("code", \.code, .key(.assigned), .length(2...12), .pattern("^[A-Z\"\\\\]{2}")),
        Field("count", \.count, .range(-10...(-1)), .default(-5)),
        Field("least", \.least, .range(0...)),
        Field("most", \.most, .range(...100), .unique),
        Field("share", \.share, .range(0.5...1.0), .default(.number("0.50"))),
        Field("level", \.level, .range(-Double.greatestFiniteMagnitude...(-1.0)), .indexed),
        Field("rise", \.rise, .range(0.001...Double.greatestFiniteMagnitude)),
        Field("title", \.title, .length(...200), .indexed, .default("two\nlines, a \"quote\", \\ and \u{200B}")),
        Field("email", \.email, .email, .unique(ignoringCase: true), .column("mail_address")),
        Field("password", \.password, .length(12...), .writeOnly),
        Field("isOpen", \.isOpen, .default(true), .readOnly),
        Field("happened", \.happened, .default("2026-07-01T12:00:00Z")),
        Field("day", \.day, .unique),
        Field("token", \.token, .unique),
        Field("digest", \.digest, .length(32...32)),
        Field(
            "options", \.options,
            .default(["sizes": [1, 2.5, .number("1e3"), .null], "dark": true, "name": "007", "none": [:]])),
        Field("anything", \.anything),
        Field("status", \.status, .default("in-progress")),
        Field("kind", \.kind, .indexed),
        Field("default", \.`default`, .renamedFrom("standard")),
        Field("owner", \.owner, .references("owners", onDelete: .cascade)),
        Field("parent", \.parent, .references("specimens", onDelete: .setNull), .indexed),
        Field("reviewer", \.reviewer, .references("owners")),
        Field("createdAt", \.createdAt, .managed(.createdAt)),
        Field("updatedAt", \.updatedAt, .managed(.updatedAt), .indexed),
        table: "all_specimens",
        unique: [["owner", "title"], ["day", "kind", "status"]],
        indexes: [["status", "createdAt"]],
        requiresPreconditions: true,
        build: Specimen.init)
}
