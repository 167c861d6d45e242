extension Timestamp {
    /// 1970-01-01T00:00:00Z.
    public static let epoch = Timestamp(clamping: 0)
    /// 0001-01-01T00:00:00Z.
    public static let min = Timestamp(clamping: .min)
    /// 9999-12-31T23:59:59.999999Z.
    public static let max = Timestamp(clamping: .max)
}

extension CalendarDate {
    /// 1970-01-01.
    public static let epoch = CalendarDate(clamping: 0)
    /// 0001-01-01.
    public static let min = CalendarDate(clamping: .min)
    /// 9999-12-31.
    public static let max = CalendarDate(clamping: .max)
}
