/// One node of a YAML file, with the place where it stands.
///
/// Scalars are texts: `no`, `1_000` and `2024-01-01` mean what the reader of a value makes of them.
package struct YAMLNode: Sendable {
    package enum Content: Sendable {
        /// - Parameter isPlain: whether it stands there without quotes, so that `null` may mean nothing.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        /// In the order of the file. No two keys are equal.
        case mapping([(key: YAMLNode, value: YAMLNode)])
        /// What no file may use, and why. Nothing is known of what is within.
        case refused(String)
    }

    package let content: Content
    package let origin: ConfigurationOrigin

    package init(_ content: Content, _ origin: ConfigurationOrigin) {
        self.content = content
        self.origin = origin
    }

    /// Nothing, `~` or `null` without quotes: YAML 1.2's null.
    package var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// The mistake that a node isn't what is asked for.
    ///
    /// Of one that is refused the reason for that is told instead. So whoever takes only what it knows, and makes an
    /// issue of all else, needs no case for these.
    package func issue(_ message: String) -> ConfigurationIssue {
        guard case .refused(let reason) = content else { return ConfigurationIssue(origin, message) }
        return ConfigurationIssue(origin, reason)
    }
}
