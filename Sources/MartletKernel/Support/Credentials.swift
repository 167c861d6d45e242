/// The text with `…` in the place of the user and password of each URL in it: of one that stands where it doesn't belong, a
/// message would otherwise repeat them.
package func withoutCredentials(_ text: String) -> String {
    guard text.contains("://"), text.contains("@") else { return text }
    var (result, rest) = ("", text[...])
    while let scheme = rest.firstRange(of: "://") {
        result += rest[..<scheme.upperBound]
        rest = rest[scheme.upperBound...]
        let url = rest.prefix { !$0.isWhitespace && $0 != "\"" && $0 != "'" }
        // A password may have an @ of its own, and what else should have been encoded.
        guard let at = url.lastIndex(of: "@") else { continue }
        result += "…"
        rest = rest[at...]
    }
    return result + rest
}
