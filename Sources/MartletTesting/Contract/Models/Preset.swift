import FoundationEssentials
import MartletModel

/// A record whose every field is filled by the server when nothing is said of it.
struct Preset: Model {
    var id: String
    var integer: Int64
    var number: Double
    var text: String
    var flag: Bool
    var instant: Timestamp
    var day: CalendarDate
    var identifier: UUID
    var data: [UInt8]
    var document: JSONValue
    var mood: Mood
    /// Without a default.
    var remark: String?
    /// Never the client's.
    var score: Int64
    var createdAt: Timestamp
    var updatedAt: Timestamp

    static let schema = Schema(
        "presets",
        Field("id", \.id, .key(.assigned), .length(1...200)),
        Field("integer", \.integer, .default(.number("\(Int64.min)")), .column("order")),
        Field("number", \.number, .default(.number("0.30000000000000004"))),
        Field("text", \.text, .default(.string("it's e\u{301}"))),
        Field("flag", \.flag, .default(.bool(true))),
        Field("instant", \.instant, .default(.string("9999-12-31T23:59:59.999999Z"))),
        Field("day", \.day, .default(.string("0001-01-01"))),
        Field("identifier", \.identifier, .default(.string("80000000-0000-0000-0000-0000000000ff"))),
        Field("data", \.data, .default(.string("AP8A"))),
        Field("document", \.document, .default(.object([.init("b", .null), .init("a", .array([]))]))),
        Field("mood", \.mood, .default(.string("it's \"so\" so\\so"))),
        Field("remark", \.remark),
        Field("score", \.score, .default(.integer(3)), .readOnly),
        Field("createdAt", \.createdAt, .managed(.createdAt)),
        Field("updatedAt", \.updatedAt, .managed(.updatedAt)),
        table: "preset_table",
        build: Preset.init)

    /// As it is made at a time when nothing is said of it.
    static func untouched(_ id: String, at time: Timestamp) -> Preset {
        Preset(
            id: id, integer: .min, number: 0.1 + 0.2, text: "it's e\u{301}", flag: true, instant: .max, day: .min,
            identifier: UUID(uuid: (0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF)), data: [0, 255, 0],
            document: .object([.init("a", .array([])), .init("b", .null)]), mood: .quoted, remark: nil, score: 3,
            createdAt: time, updatedAt: time)
    }

    /// What makes it so: a row of the key alone.
    static func nothing(but id: String) throws(Problem) -> ValidatedRow {
        var rows = RowBatch(width: resource.width)
        rows.appendAbsentRow()
        return try ValidatedRow(rows, resource, for: .patch).with(.string(id), resource)
    }
}
