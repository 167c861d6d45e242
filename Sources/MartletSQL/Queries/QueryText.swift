import MartletModel

/// The SQL of a shape.
struct QueryText {
    private let shape: QueryShape
    private let resource: ResourceSchema
    private let visit: String?
    private let namespace: String?
    private var dialect: SQLDialect { shape.dialect }

    init(_ shape: QueryShape, _ resource: ResourceSchema, visit: String?, in namespace: String?) {
        (self.shape, self.resource, self.visit, self.namespace) = (shape, resource, visit, namespace)
    }

    var text: String {
        let table = [namespace, resource.table].compactMap { $0.map(quotedIdentifier) }.joined(separator: ".")
        guard let list = shape.list else { return "SELECT count(*) FROM \(table)" + condition(filter) }
        let select = "SELECT \(list.columns.map(name).joined(separator: ", ")) FROM \(table)"
        let order = " ORDER BY \(list.order.map(order).joined(separator: ", "))"
        let limit = " LIMIT \(limit(list.limit))"
        let segments = list.place.map(segments) ?? [[]]
        let selects = segments.map { "\(select)\(condition(filter + $0))\(order)\(limit)" }
        if selects.count == 1 { return selects[0] }
        // Each with its limit: so none is read further than the page needs, and PostgreSQL reads them one after the other,
        // never side by side.
        return selects.map { "SELECT * FROM (\($0)) AS segment" }.joined(separator: " UNION ALL ") + limit
    }

    private func name(_ column: Int) -> String {
        quotedIdentifier(column == resource.versionIndex ? "_version" : resource.fields[column].column)
    }

    private func order(_ term: QueryShape.OrderTerm) -> String {
        dialect.order(name(term.sort.column), isDescending: term.sort.isDescending, isNullable: term.isNullable)
    }

    private func limit(_ limit: QueryShape.Limit) -> String {
        switch limit {
        case .parameter(let number): dialect.parameter(number)
        case .literal(let rows): String(rows)
        }
    }

    private func condition(_ conditions: [String]) -> String {
        conditions.isEmpty ? "" : " WHERE \(conditions.joined(separator: " AND "))"
    }

    // MARK: - Filters

    private var filter: [String] {
        // It is evaluated first: conditions are evaluated in their order, as far as an index doesn't serve them.
        let visits =
            shape.list == nil && shape.clauses.isEmpty ? nil : visit.map { "\($0)(\(name(resource.keyIndex)))" }
        return [visits].compactMap(\.self) + clauses
    }

    private var clauses: [String] {
        shape.clauses.compactMap { clause in
            if clause.count == 1 { return text(clause[0]) }
            // Of a clause without a term none holds.
            let terms = clause.compactMap { text($0, isAlternative: true) }
            return clause.isEmpty ? "FALSE" : "(\(terms.joined(separator: " OR ")))"
        }
    }

    /// Conditions that AND holds together; nil for none.
    /// - Parameter isAlternative: others stand beside it, of which one has to hold.
    private func text(_ term: QueryShape.Term, isAlternative: Bool = false) -> String? {
        let (column, field) = (name(term.column), resource.fields[term.column])
        func parameter(_ index: Int = 0) -> String { dialect.parameter(term.parameter + index) }
        // The one index of such a field doesn't tell A from a: it finds the few that then are looked at.
        let isFoundIgnoringCase = field.uniqueness == .ignoringASCIICase && !isAlternative
        switch term.condition {
        case .always: return nil
        case .isNull: return "\(column) IS NULL"
        case .isNotNull: return "\(column) IS NOT NULL"
        case .equalIgnoringCase:
            return dialect.equalIgnoringCase(column, parameter(), isAlternative: isAlternative)
        case .likeIgnoringCase: return dialect.like(column, parameter(), ignoringCase: true)
        case .compare(let comparison):
            let text = "\(column) \(comparison.symbol) \(parameter())"
            guard comparison == .equal, isFoundIgnoringCase else { return text }
            return "\(dialect.equalIgnoringCase(column, parameter())) AND \(text)"
        case .oneOf(let count):
            let list = (0..<count).map { parameter($0) }
            let text = dialect.isOneOf(column, list)
            return isFoundIgnoringCase ? "\(dialect.isOneOf(column, list, ignoringCase: true)) AND \(text)" : text
        case .like(let hasStart, let hasEnd, let hasPattern):
            var conditions: [String] = []
            if hasStart { conditions.append("\(column) >= \(parameter())") }
            if hasEnd { conditions.append("\(column) < \(parameter(conditions.count))") }
            if hasPattern { conditions.append(dialect.like(column, parameter(conditions.count), ignoringCase: false)) }
            return conditions.joined(separator: " AND ")
        }
    }

    // MARK: - Places

    /// What is behind a place, in pieces that an index has in one stretch each, in the order that their records are in: first
    /// those that share most of the place's values.
    private func segments(_ place: QueryShape.Place) -> [[String]] {
        let runs = runs(place.terms)
        var segments = place.isInclusive ? [place.terms.map(equal)] : []
        for index in runs.indices.reversed() {
            let shared = runs[..<index].joined().map(equal)
            segments += behind(runs[index]).map { shared + [$0] }
        }
        return segments.isEmpty ? [["FALSE"]] : segments
    }

    /// Neighbours of one direction, which can be compared as one row. None compares with null: such a column is alone.
    private func runs(_ terms: [QueryShape.PlaceTerm]) -> [[QueryShape.PlaceTerm]] {
        var runs: [[QueryShape.PlaceTerm]] = []
        for term in terms {
            if let last = runs.last?.last, last.isDescending == term.isDescending, !last.isNullable, !term.isNullable {
                runs[runs.count - 1].append(term)
            } else {
                runs.append([term])
            }
        }
        return runs.flatMap { run in
            dialect.seeks(behindRowEndingWith: run[run.count - 1].column, of: resource) ? [run] : run.map { [$0] }
        }
    }

    private func equal(_ term: QueryShape.PlaceTerm) -> String {
        guard let parameter = term.parameter else { return "\(name(term.column)) IS NULL" }
        return "\(name(term.column)) = \(dialect.parameter(parameter))"
    }

    /// What comes behind the values of a run.
    private func behind(_ run: [QueryShape.PlaceTerm]) -> [String] {
        let term = run[0]
        let columns = run.map { name($0.column) }
        let parameters = run.compactMap(\.parameter).map(dialect.parameter)
        guard !parameters.isEmpty else {
            return term.isDescending ? [] : ["\(columns[0]) IS NOT NULL"]
        }
        let comparison = term.isDescending ? "<" : ">"
        let isRow = run.count > 1
        let (left, right) = (columns.joined(separator: ", "), parameters.joined(separator: ", "))
        let text = isRow ? "(\(left)) \(comparison) (\(right))" : "\(left) \(comparison) \(right)"
        return term.isNullable && term.isDescending ? [text, "\(left) IS NULL"] : [text]
    }
}

extension FilterTerm.Comparison {
    fileprivate var symbol: String {
        switch self {
        case .equal: "="
        case .notEqual: "<>"
        case .less: "<"
        case .lessOrEqual: "<="
        case .greater: ">"
        case .greaterOrEqual: ">="
        }
    }
}

/// A name as an identifier of SQL (<https://www.sqlite.org/lang_keywords.html>): never a keyword, never anything else.
public func quotedIdentifier(_ name: String) -> String {
    "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
}
