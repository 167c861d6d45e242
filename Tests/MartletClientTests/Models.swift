import FoundationEssentials
import MartletModel

/// A model with a field that may be null.
struct Note: Model, Equatable {
    var id: Int64
    var text: String
    var author: Int64?

    static let schema = Schema(
        "notes", Field("id", \.id, .key(.generated)), Field("text", \.text), Field("author", \.author), build: Note.init
    )
}

/// A model whose key is a text that clients assign, and with fields that are only written.
struct Account: Model, Equatable {
    var login: String
    var balance: Int64
    var password: String
    var token: [UInt8]?

    static let schema = Schema(
        "accounts", Field("login", \.login, .key(.assigned), .length(1...80)), Field("balance", \.balance),
        Field("password", \.password, .writeOnly), Field("token", \.token, .writeOnly), build: Account.init)
}

/// A model with a field of every type.
struct Sample: Model, Equatable {
    enum Colour: String, EnumerationValue { case red, green }

    var id: UUID
    var count: Int64
    var weight: Double
    var label: String
    var isOn: Bool
    var at: Timestamp
    var day: CalendarDate
    var other: UUID?
    var data: [UInt8]
    var extra: JSONValue?
    var colour: Colour
    var made: Timestamp

    static let schema = Schema(
        "samples", Field("id", \.id, .key(.generated)), Field("count", \.count), Field("weight", \.weight),
        Field("label", \.label), Field("isOn", \.isOn), Field("at", \.at), Field("day", \.day), Field("other", \.other),
        Field("data", \.data), Field("extra", \.extra), Field("colour", \.colour),
        Field("made", \.made, .managed(.createdAt)), build: Sample.init)
}
