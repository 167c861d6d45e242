import MartletModel

/// Two sets of values that are unique together, with one in both.
struct Slot: Model {
    var id: Int64
    var room: String
    var day: CalendarDate?
    var hour: Int64?
    var note: String?

    static let schema = Schema(
        "slots",
        Field("id", \.id, .key(.generated)),
        Field("room", \.room),
        Field("day", \.day),
        Field("hour", \.hour),
        Field("note", \.note, .unique),
        unique: [["room", "day"], ["hour", "day"]],
        indexes: [["room", "hour"]],
        build: Slot.init)

    init(_ room: String, _ day: Int64?, _ hour: Int64?, note: String? = nil) {
        self.init(id: 0, room: room, day: day.map(CalendarDate.init(clamping:)), hour: hour, note: note)
    }

    private init(id: Int64, room: String, day: CalendarDate?, hour: Int64?, note: String?) {
        (self.id, self.room, self.day, self.hour, self.note) = (id, room, day, hour, note)
    }
}
