/// A choice: an enumeration of strings needs nothing but `CaseIterable` to be a setting's type.
extension SettingValue where Self: RawRepresentable<String> & CaseIterable {
    public static var typeName: String { "one of \(allCases.map(\.rawValue).joined(separator: ", "))" }
    public init?(text: String) { self.init(rawValue: text) }
    public var text: String { rawValue }
}
