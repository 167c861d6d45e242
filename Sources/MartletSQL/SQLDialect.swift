import MartletModel

/// Whose SQL it is: in what the databases differ where a query is concerned.
public enum SQLDialect: Sendable, Hashable {
    case sqlite, postgres
}

extension SQLDialect {
    /// - Parameter number: from 1 on. One that stands in several places has one value.
    func parameter(_ number: Int) -> String {
        self == .sqlite ? "?\(number)" : "$\(number)"
    }

    /// Null is the least value: to SQLite it always is, PostgreSQL has to be told, as its indexes are.
    func order(_ column: String, isDescending: Bool, isNullable: Bool) -> String {
        let direction = isDescending ? "\(column) DESC" : column
        guard self == .postgres, isNullable else { return direction }
        return direction + (isDescending ? " NULLS LAST" : " NULLS FIRST")
    }

    /// Whether an index is sought by a comparison of rows right behind the one that a place has.
    ///
    /// SQLite goes to the first one that is equal, and passes over those that are: fine if there is one at the most, which a
    /// key makes sure of. But by its rowid, which an integer key is, it doesn't seek in such a comparison at all.
    func seeks(behindRowEndingWith column: Int, of resource: ResourceSchema) -> Bool {
        self == .postgres || (column == resource.keyIndex && resource.key.type != .integer)
    }

    /// A comparison in which a null is a value like others.
    func differs(_ left: String, _ right: String) -> String {
        "\(left) \(self == .sqlite ? "IS NOT" : "IS DISTINCT FROM") \(right)"
    }

    // MARK: - Texts, with A to Z as a to z

    /// Compares two columns as a unique index does.
    func equals(_ left: String, _ right: String, isIgnoringCase: Bool) -> String {
        switch self {
        case _ where !isIgnoringCase: "\(left) = \(right)"
        case .sqlite: "\(left) = \(right) COLLATE NOCASE"
        case .postgres: "lower(\(left)) = lower(\(right))"
        }
    }

    /// - Parameter isAlternative: comparisons of the same column may stand beside it, of which one has to hold. SQLite 3.40
    ///   makes of `x = ?1 COLLATE NOCASE OR x = ?2` an `x IN (?1, ?2)` that heeds case.
    func equalIgnoringCase(_ column: String, _ parameter: String, isAlternative: Bool = false) -> String {
        switch self {
        case .sqlite where isAlternative: "lower(\(column)) = lower(\(parameter))"
        case .sqlite: "\(column) = \(parameter) COLLATE NOCASE"
        case .postgres: "lower(\(column)) = \(lower(parameter))"
        }
    }

    /// - Parameter parameters: several on SQLite, on PostgreSQL one array.
    func isOneOf(_ column: String, _ parameters: [String], ignoringCase: Bool = false) -> String {
        let list = parameters.joined(separator: ", ")
        switch (self, ignoringCase) {
        case (.sqlite, false): return "\(column) IN (\(list))"
        case (.sqlite, true): return "\(column) COLLATE NOCASE IN (\(list))"
        case (.postgres, false): return "\(column) = ANY (\(list))"
        case (.postgres, true):
            return
                "lower(\(column)) = ANY (ARRAY(SELECT lower(value COLLATE \"C\") FROM unnest(\(list)::text[]) AS value))"
        }
    }

    /// PostgreSQL's escape is a backslash unless another is given
    /// (<https://www.postgresql.org/docs/current/functions-matching.html>); giving it would cost a call for each record.
    func like(_ column: String, _ parameter: String, ignoringCase: Bool) -> String {
        switch (self, ignoringCase) {
        case (.sqlite, false): "\(column) GLOB \(parameter)"
        case (.sqlite, true): "\(column) LIKE \(parameter) ESCAPE '\\'"
        case (.postgres, false): "\(column) LIKE \(parameter)"
        case (.postgres, true): "lower(\(column)) LIKE \(lower(parameter))"
        }
    }

    /// What ``like(_:_:ignoringCase:)`` takes.
    func text(of pattern: LikePattern, ignoringCase: Bool) -> String {
        let isGlob = self == .sqlite && !ignoringCase
        return pattern.pieces.map { isGlob ? Self.globEscaped($0) : Self.likeEscaped($0) }
            .joined(separator: isGlob ? "*" : "%")
    }

    /// A column has the collation "C", by which only A to Z have another case; a parameter has the database's.
    private func lower(_ parameter: String) -> String {
        "lower(\(parameter)::text COLLATE \"C\")"
    }

    private static func globEscaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            let isSpecial = scalar == "*" || scalar == "?" || scalar == "["
            escaped.unicodeScalars.append(contentsOf: isSpecial ? ["[", scalar, "]"] : [scalar])
        }
        return escaped
    }

    private static func likeEscaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            if scalar == "%" || scalar == "_" || scalar == "\\" { escaped.unicodeScalars.append("\\") }
            escaped.unicodeScalars.append(scalar)
        }
        return escaped
    }
}
