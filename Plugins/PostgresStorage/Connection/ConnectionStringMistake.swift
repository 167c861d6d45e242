import CPostgres
import MartletKernel
import MartletModel

/// What is wrong with a connection string, in words that say what to write. It quotes schemes and names of parameters, and nothing
/// that can be a part of a password; libpq's own messages do.
struct ConnectionStringMistake {
    private let url: String

    static let example = "postgresql://user:password@host:5432/database"

    /// Nil for a string that libpq reads.
    static func description(of url: String) -> String? {
        let reader = ConnectionStringMistake(url: url)
        if let mistake = reader.control ?? reader.scheme ?? reader.uri ?? reader.keywords { return mistake }
        guard let values = ConnectionStringValues(url) else {
            return "is no connection string of PostgreSQL: write \(example), or host=… dbname=… user=…"
        }
        return values.mistake
    }

    /// Keywords and values may stand in several lines, a URI stands in one.
    private var control: String? {
        let isURI = url.contains("://")
        guard url.utf8.contains(where: { $0 < 0x20 && (isURI || ![9, 10, 13].contains($0)) || $0 == 0x7F }) else {
            return nil
        }
        return "has a line end or another control character in it: write \(Self.example) alone, on one line"
    }

    // MARK: - The scheme

    /// Nil for libpq's own schemes, and for keywords and values.
    private var scheme: String? {
        if url.isEmpty { return "is empty: write \(Self.example)" }
        if let first = url.first, first.isWhitespace || "'\"`".contains(first) {
            return
                "begins with a \(first.isWhitespace ? "space" : "quote"): write \(Self.example), and nothing around it"
        }
        if url.hasPrefix("${") || url.hasPrefix("$(") || url.hasPrefix("{{") {
            return "is a placeholder that nothing has filled in, beginning with a $ or a brace: write \(Self.example)"
        }
        if url.hasPrefix("jdbc:") {
            return
                "begins with jdbc:, which is for Java's drivers: write \(Self.example), with user and password before the host"
        }
        guard let end = url.firstRange(of: "://")?.lowerBound, !url[..<end].contains("="), !url[..<end].contains(" ")
        else {
            let hasKeywords = url.contains("=")
            return hasKeywords ? nil : "has no scheme: write \(Self.example)"
        }
        let scheme = String(url[..<end])
        if ["postgresql", "postgres"].contains(scheme) { return nil }
        // What else stands before :// can be anything.
        let name = scheme.utf8.allSatisfy(Self.isOfScheme) && scheme.utf8.count <= 40 ? " \(scheme)" : ""
        let family = scheme.lowercased()
        if family.hasPrefix("postgres"), family.contains("+") {
            return "has the scheme\(name), whose part after + names a driver of another language: write \(Self.example)"
        }
        if ["postgresql", "postgres"].contains(family) {
            return "has the scheme\(name): write it in lower case, as in \(Self.example)"
        }
        return "has the scheme\(name), which isn't PostgreSQL's: write \(Self.example)"
    }

    private static func isOfScheme(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }

    // MARK: - A URI

    private var uri: String? {
        guard let start = url.firstRange(of: "://")?.upperBound, url.hasPrefix("postgres") else { return nil }
        let rest = url[start...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let query = rest[authority.endIndex...].firstIndex(of: "?").map { rest[rest.index(after: $0)...] } ?? ""
        let at = authority.filter { $0 == "@" }.count
        if at > 1 { return "has more than one @ before the host: in a user or password write %40 for it" }
        let path = rest[authority.endIndex...].prefix { $0 != "?" }
        if path.contains("@") {
            return
                "has an @ after the first / of it: in a user or password write %2F for a /, in a database's name %40 for an @"
        }
        let hosts = at == 0 ? authority : authority[authority.index(after: authority.firstIndex(of: "@") ?? start)...]
        let isSplit = at == 0 && rest[authority.endIndex...].contains("@")
        if hosts.filter({ $0 == "[" }).count != hosts.filter({ $0 == "]" }).count {
            return "has a bracket of an IPv6 address without the other: write [::1]:5432 for host and port"
        }
        if !hosts.split(separator: ",").allSatisfy(Self.hasGoodPort) {
            return isSplit
                ? "has a / or ? in the user or password: write %2F or %3F for it"
                : "has a port that is no number from 1 to 65535: it comes after the host, as in \(Self.example)"
        }
        if hasBadEscape(rest) { return "has a % without two hexadecimal digits after it: write %25 for a % itself" }
        return query.split(separator: "&").lazy.compactMap { parameter($0) }.first
    }

    private static func hasGoodPort(_ host: Substring) -> Bool {
        let name = host.hasPrefix("[") ? host.drop { $0 != "]" } : host
        guard let colon = name.firstIndex(of: ":") else { return true }
        let port = name[name.index(after: colon)...]
        return port.isEmpty
            || port.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
                && (1...65535).contains(Int(port) ?? 0)
    }

    private func hasBadEscape(_ text: Substring) -> Bool {
        Array(text.utf8).withUnsafeBytes { PercentEncoding.decode($0) } == nil
    }

    private func parameter(_ text: Substring) -> String? {
        guard let equals = text.firstIndex(of: "=") else {
            return "has a parameter without a value: write name=value after the ?, and %3F for a ? in a password"
        }
        let name = String(text[..<equals])
        let value = text[text.index(after: equals)...]
        if value.contains("=") {
            return "has a second = in a parameter's value: write %3D for it, and %26 for a & in a password"
        }
        if value.contains("@"), !Self.mayHaveAt.contains(name) {
            return
                "has an @ in a parameter's value: in a user or password before the host write %3F for a ? and %40 for an @"
        }
        // libpq knows `ssl=true` as JDBC's word for `sslmode=require`.
        if Self.known.contains(name) || text == "ssl=true" { return nil }
        guard name.utf8.allSatisfy({ Self.isOfScheme($0) }), name.utf8.count <= 40 else {
            return
                "has a parameter that PostgreSQL's library doesn't know: write %3F for a ? and %26 for a & in a password"
        }
        return "has the parameter \(name), which PostgreSQL's library doesn't know: \(Self.advice(name))"
    }

    private static let mayHaveAt: Set<String> = ["user", "password", "dbname", "passfile", "application_name"]

    // MARK: - Keywords and values

    /// Only words that are often written there are told: any other may be a part of a password.
    private var keywords: String? {
        guard !url.contains("://"), pq_conninfoParse(url, nil) == nil else { return nil }
        let words = url.split { " =\t\n".contains($0) }
        let mistaken = words.first { word in url.contains("\(word)=") && Self.replacements[word.lowercased()] != nil }
        guard let word = mistaken.map(String.init) else {
            return "has keywords and values that PostgreSQL's library can't read: write host=… dbname=… user=…, "
                + "and a value with spaces or quotes in single quotes"
        }
        return "has the keyword \(word), which PostgreSQL's library doesn't know: \(Self.advice(word))"
    }

    /// What this libpq knows.
    private static let known: Set<String> = {
        guard let options = pq_conninfoParse("", nil) else { return [] }
        defer { pq_conninfoFree(options) }
        var names: Set<String> = []
        var index = 0
        while let name = options[index].keyword {
            names.insert(String(cString: name))
            index += 1
        }
        return names
    }()

    private static let replacements = [
        "schema": "options=-csearch_path%3DNAME", "currentschema": "options=-csearch_path%3DNAME",
        "search_path": "options=-csearch_path%3DNAME", "searchpath": "options=-csearch_path%3DNAME",
        "ssl": "sslmode=require", "username": "user=…", "uid": "user=…", "pwd": "password=…", "pass": "password=…",
        "passwd": "password=…",
        "database": "dbname=…", "db": "dbname=…", "hostname": "host=…", "server": "host=…",
        "connecttimeout": "connect_timeout=…", "applicationname": "application_name=…",
    ]

    private static func advice(_ name: String) -> String {
        if let replacement = replacements[name.lowercased()] { return "write \(replacement)" }
        if let nearest = nearestName(to: name, among: Array(known)) { return "is it \(nearest)?" }
        return "leave it out"
    }
}
