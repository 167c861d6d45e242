/// A plugin's name, which is also its path in the configuration: `storage.sqlite` is chosen by `storage.use: sqlite`, and
/// its settings stand under `storage.sqlite`.
public struct PluginID: Hashable, Sendable {
    /// What it is one of: `storage`.
    public let section: String
    /// Which one of these: `sqlite`.
    public let name: String

    /// - Precondition: `section.name`, both lower-case ASCII letters and digits, a letter first.
    public init(_ id: StaticString) {
        let parts = "\(id)".split(separator: ".", omittingEmptySubsequences: false)
        precondition(parts.count == 2 && parts.allSatisfy(Self.isName), "\(id) is no plugin id such as storage.sqlite")
        section = String(parts[0])
        name = String(parts[1])
    }

    private static func isName(_ text: Substring) -> Bool {
        guard let first = text.first, first.isASCII, first.isLetter else { return false }
        return text.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber) }
    }
}

extension PluginID: ExpressibleByStringLiteral {
    public init(stringLiteral id: StaticString) {
        self.init(id)
    }
}

extension PluginID: CustomStringConvertible {
    public var description: String { "\(section).\(name)" }
}
