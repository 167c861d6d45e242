import MartletModel

/// Values of fields: extremes of their types, and so few where they have to be unique that many a record is refused.
enum FieldValues {
    /// Each is hostile or differs from another by case alone.
    private static let uniqueTexts =
        HostileText.all + ["ada", "Ada", "ADA", "Stra\u{DF}e", "STRASSE", "stra\u{DF}e", "k", "K", "\u{212A}"]
    /// For values that are unique together.
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
        case .string: store(isInSet ? fewTexts : field.uniqueness == nil ? HostileText.all : uniqueTexts)
        case .boolean: store([true, false])
        case .timestamp: store(Extremes.timestamps)
        case .date: store(Extremes.dates)
        case .uuid: store(Extremes.uuids)
        case .bytes: store(Extremes.bytes)
        case .json: store(Extremes.documents)
        case .enumeration: store(field.values)
        }
    }
}
