import FoundationEssentials
import MartletModel

/// A record with a field of every type, each null where it may be.
struct Specimen: Model {
    var id: UUID
    var integer: Int64?
    var number: Double?
    var text: String?
    var flag: Bool?
    var instant: Timestamp?
    var day: CalendarDate?
    var identifier: UUID?
    var data: [UInt8]?
    var document: JSONValue?
    var mood: Mood?

    static let schema = Schema(
        "specimens",
        Field("id", \.id, .key(.assigned)),
        Field("integer", \.integer, .indexed),
        Field("number", \.number, .unique),
        Field("text", \.text),
        Field("flag", \.flag, .indexed),
        Field("instant", \.instant, .unique),
        Field("day", \.day, .unique),
        Field("identifier", \.identifier, .unique),
        Field("data", \.data, .unique),
        Field("document", \.document),
        Field("mood", \.mood, .indexed),
        build: Specimen.init)

    /// All null.
    init(_ id: UUID) {
        self.init(
            id: id, integer: nil, number: nil, text: nil, flag: nil, instant: nil, day: nil, identifier: nil, data: nil,
            document: nil, mood: nil)
    }

    private init(
        id: UUID, integer: Int64?, number: Double?, text: String?, flag: Bool?, instant: Timestamp?, day: CalendarDate?,
        identifier: UUID?, data: [UInt8]?, document: JSONValue?, mood: Mood?
    ) {
        (self.id, self.integer, self.number, self.text, self.flag) = (id, integer, number, text, flag)
        (self.instant, self.day, self.identifier, self.data) = (instant, day, identifier, data)
        (self.document, self.mood) = (document, mood)
    }
}
