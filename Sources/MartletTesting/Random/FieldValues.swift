import MartletModel

/// Values of fields: extremes of their types, and so few where they have to be unique that many a record is refused.
enum FieldValues {
    /// Each differs from another by case alone, as ASCII or only as Unicode has it: half of the unique ones.
    private static let pairs = [
        "ada", "Ada", "ADA", "k", "K", "\u{212A}", "i", "I", "\u{130}", "\u{131}", "e\u{301}", "E\u{301}", "\u{E9}",
        "\u{C9}", "stra\u{DF}e", "STRA\u{DF}E", "stra\u{1E9E}e", "STRASSE", "\u{3C3}", "\u{3A3}",
    ]
    /// Of values that are unique together these are three of four.
    private static let fewTexts = ["", "a", "A", "e\u{301}", "\u{E9}"]

    /// - Parameter isInSet: it is unique together with others.
    static func draw(
        _ field: FieldSchema, isInSet: Bool, into row: inout RowBatch, _ column: Int, _ random: inout SplitMix64
    ) {
        let nulls = field.uniqueness == nil ? 4 : 2
        if field.isNullable, Int.random(in: 0..<nulls, using: &random) == 0 {
            return row.set(row: 0, column: column, to: .null)
        }
        func store<Value: FieldValue>(_ values: [Value]) {
            values[Int.random(in: 0..<values.count, using: &random)].store(in: &row, row: 0, column: column)
        }
        switch field.type {
        case .integer: store(Extremes.integers)
        case .number: store(Extremes.numbers)
        case .string: store(texts(field, isInSet: isInSet, &random))
        case .boolean: store([true, false])
        case .timestamp: store(Extremes.timestamps)
        case .date: store(Extremes.dates)
        case .uuid: store(Extremes.uuids)
        case .bytes: store(Extremes.bytes + [long(field)])
        case .json: store(Extremes.documents)
        case .enumeration: store(field.values)
        }
    }

    private static func texts(_ field: FieldSchema, isInSet: Bool, _ random: inout SplitMix64) -> [String] {
        switch Int.random(in: 0..<16, using: &random) {
        case 0: [String(decoding: long(field), as: UTF8.self)]
        case 4... where isInSet: fewTexts
        case 8... where field.uniqueness != nil: pairs
        default: HostileText.all
        }
    }

    /// As long as the field can be, or longer than a database's page.
    private static func long(_ field: FieldSchema) -> [UInt8] {
        Array(letters.prefix(field.byteLimit ?? .max))
    }

    /// At random, so that nothing can compress them.
    private static let letters: [UInt8] = {
        var random = SplitMix64(seed: 1)
        return (0..<20_000).map { _ in UInt8.random(in: UInt8(ascii: "A")...UInt8(ascii: "z"), using: &random) }
    }()
}
