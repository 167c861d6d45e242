import MartletKernel
import MartletModel

/// Origins whose pages may use the server, as a browser sends them: `https://app.example.org`, or `*` for all.
struct AllowedOrigins: SettingValue {
    let origins: [String]

    static var typeName: String { "origins separated by commas, such as https://app.example.org" }

    static let isList = true

    init(text: String) {
        origins = text.isEmpty ? [] : text.split(separator: ",", omittingEmptySubsequences: false).map(Self.trim)
    }

    var text: String { origins.joined(separator: ",") }

    var isAny: Bool { origins == ["*"] }

    /// - Throws: what a browser would never send.
    func check() throws(SettingError) {
        for origin in isAny ? [] : origins {
            if let hint = Self.mistake(in: origin) { throw SettingError("has \(quoted(origin)), which \(hint)") }
        }
    }

    /// An origin is `scheme://host` or `scheme://host:port` (RFC 6454, section 6.2), in the one spelling that browsers have.
    private static func mistake(in origin: String) -> String? {
        guard origin != "*" else { return "stands alone if any origin is meant" }
        guard !origin.contains("*") else { return "has a wildcard: list each origin, or * alone for any" }
        guard origin.utf8.allSatisfy({ $0.lowercased == $0 }) else {
            return "is not in lower case, as browsers send it"
        }
        guard let colon = origin.firstRange(of: "://"), isScheme(origin[..<colon.lowerBound]) else {
            return "doesn't begin with a scheme, such as https://"
        }
        let (scheme, authority) = (origin[..<colon.lowerBound], origin[colon.upperBound...])
        guard !authority.contains(where: { "/?#".contains($0) }) else {
            return "has more than scheme, host and port: leave out the path, and a / at the end"
        }
        let port = authority.lastIndex(of: ":").flatMap { authority[$0...].contains("]") ? nil : $0 }
        guard isHost(authority[..<(port ?? authority.endIndex)]) else {
            return "has no valid host: letters, digits, - and ., others as browsers send them (xn--)"
        }
        guard let port else { return nil }
        let digits = authority[port...].dropFirst()
        guard let number = Int(digits), String(number) == digits, 1...65535 ~= number else {
            return "has no valid port"
        }
        let isDefault = scheme == "http" && number == 80 || scheme == "https" && number == 443
        return isDefault ? "has the port that browsers leave out: leave it out too" : nil
    }

    private static func isScheme(_ scheme: Substring) -> Bool {
        scheme.utf8.first.map { $0.isLetterOrDigit && !$0.isDigit } == true
            && scheme.utf8.allSatisfy { $0.isLetterOrDigit || "+-.".utf8.contains($0) }
    }

    /// A name, an address, or an address of IPv6 in brackets.
    private static func isHost(_ host: Substring) -> Bool {
        if host.hasPrefix("["), host.hasSuffix("]"), host.utf8.count > 2 {
            return host.utf8.dropFirst().dropLast().allSatisfy { $0.hexValue != nil || ":.".utf8.contains($0) }
        }
        return !host.isEmpty && host.utf8.allSatisfy { $0.isLetterOrDigit || "-._".utf8.contains($0) }
    }

    private static func trim(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
