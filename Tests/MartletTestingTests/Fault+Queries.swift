import Foundation
import MartletKernel
import MartletModel
import Synchronization

extension Fault {
    static let ofFilters: [Fault] = [
        Fault("takes null for something else than any value") {
            .filtering { filter in
                Filter(filter.clauses.map { clause in clause.flatMap { $0.isUnequal ? [$0, $0.orNull] : [$0] } })
            }
        },
        Fault("has all terms hold of which one has to") {
            .filtering { Filter($0.clauses.flatMap { clause in clause.map { [$0] } }) }
        },
        Fault("looks for the first of several values alone") {
            .filtering(values: { values in
                var first = RowBatch(width: 1)
                first.append(values[0, 0], of: values)
                return first
            })
        },
        Fault("has no more than 999 values", isSequential: false) {
            .filtering(values: { values in
                var some = values
                while some.count > 999 { some.removeLastRow() }
                return some
            })
        },
        Fault("has no more than 49 terms", isSequential: false) {
            .filtering { filter in
                var left = 49
                return Filter(
                    filter.clauses.map { clause in
                        defer { left -= clause.count }
                        return Array(clause.prefix(max(left, 0)))
                    }.filter { !$0.isEmpty })
            }
        },
        Fault("compares integers as doubles") {
            .seeing { cell in cell.integer.map { .number(Double($0)) } }
        },
        Fault("compares numbers in 32 bits") {
            .seeing { cell in cell.number.map { .number(Double(Float($0).clampedToFinite)) } }
        },
        Fault("compares times by the second") {
            .seeing { cell in
                cell.timestamp.map { .timestamp(Timestamp(clamping: $0.microsecondsSince1970 / 1_000_000 * 1_000_000)) }
            }
        },
        Fault("doesn't count by the filter") {
            .asking { query, _ throws(StorageError) in
                guard case .count = query.selection else { return query }
                return Query(query.resource, .count(.all))
            }
        },
        Fault("takes every filter for the first one with as many terms") {
            let known = FirstFilters()
            return .asking { query, _ throws(StorageError) in
                guard case .list(var list) = query.selection else { return query }
                list.filter = known.mixing(list.filter, query.resource.name)
                return Query(query.resource, .list(list))
            }
        },
    ]

    static let ofPatterns: [Fault] = [
        Fault("ignores case in a pattern") { .filtering(patterns: { ($0, ignoringCase: true) }) },
        Fault("heeds case in every pattern") { .filtering(patterns: { ($0, ignoringCase: false) }) },
        Fault("folds case as Unicode has it") { .seeing(texts: { $0.lowercased() }, isFolding: true) },
        Fault("composes texts to find a pattern in them") {
            .seeing(texts: { $0.precomposedStringWithCanonicalMapping }, isFolding: false)
        },
        Fault("takes % in a pattern for anything") { .filtering(special: "%") },
        Fault("takes _ in a pattern for anything") { .filtering(special: "_") },
        Fault("takes ? in a pattern for anything") { .filtering(special: "?") },
        Fault("takes [ in a pattern for anything") { .filtering(special: "[") },
        Fault("takes . in a pattern for anything") { .filtering(special: ".") },
        Fault("drops a backslash from a pattern") {
            .filtering(patterns: { pattern in (pattern.mapping { $0.replacing("\\", with: "") }, nil) })
        },
        Fault("looks for a pattern anywhere in a text") {
            .filtering(patterns: { pattern in (LikePattern("*" + pattern.text + "*") ?? pattern, nil) })
        },
    ]
}

extension FilterTerm {
    fileprivate var isUnequal: Bool {
        if case .compare(.notEqual, _) = condition { true } else { false }
    }

    fileprivate var orNull: FilterTerm { FilterTerm(column, .isNull(true)) }
}

extension LikePattern {
    fileprivate func mapping(_ change: (String) -> String) -> LikePattern {
        let source = pieces.map { filterEscaped(change($0), "*") }
        return LikePattern(source.joined(separator: "*")) ?? self
    }
}

extension Float {
    fileprivate var clampedToFinite: Float {
        isFinite ? self : self < 0 ? -.greatestFiniteMagnitude : .greatestFiniteMagnitude
    }
}

/// The first filter of each number of terms, which stands for all others.
private final class FirstFilters: Sendable {
    private let filters = Mutex<[String: Filter]>([:])

    func mixing(_ filter: Filter, _ resource: String) -> Filter {
        filters.withLock { filters in
            let kind = "\(resource) \(filter.clauses.joined().count)"
            let first = filters[kind] ?? filter
            filters[kind] = first
            return first
        }
    }
}

extension FaultyStorage {
    /// Changes texts, and the pattern that they are compared with.
    /// - Parameter isFolding: only where case is ignored.
    fileprivate static func seeing(
        texts change: @escaping @Sendable (String) -> String, isFolding: Bool
    ) -> FaultyStorage {
        .finding { term, row, rows in
            guard let text = rows.string(of: rows[row, term.column]),
                case .like(let pattern, let ignoringCase) = term.condition, ignoringCase || !isFolding
            else { return term.matches(row: row, of: rows) }
            var own = RowBatch(width: 1)
            own.append(change(text))
            let condition = FilterTerm.Condition.like(pattern.mapping(change), ignoringCase: ignoringCase)
            return FilterTerm(0, condition).matches(row: 0, of: own)
        }
    }

    /// Changes the filters of lists and counts.
    fileprivate static func filtering(_ change: @escaping @Sendable (Filter) -> Filter) -> FaultyStorage {
        .asking { query, _ throws(StorageError) in
            switch query.selection {
            case .list(var list):
                list.filter = change(list.filter)
                return Query(query.resource, .list(list))
            case .count(let filter): return Query(query.resource, .count(change(filter)))
            case .key, .page: return query
            }
        }
    }

    private static func filtering(
        conditions change: @escaping @Sendable (FilterTerm.Condition) -> FilterTerm.Condition
    ) -> FaultyStorage {
        .filtering { filter in
            Filter(filter.clauses.map { $0.map { FilterTerm($0.column, change($0.condition)) } })
        }
    }

    /// Changes the values of which one is looked for.
    fileprivate static func filtering(values change: @escaping @Sendable (RowBatch) -> RowBatch) -> FaultyStorage {
        .filtering(conditions: { condition in
            if case .oneOf(let values) = condition { .oneOf(change(values)) } else { condition }
        })
    }

    /// Changes patterns, and whether they ignore case; nil is as it was.
    fileprivate static func filtering(
        patterns change: @escaping @Sendable (LikePattern) -> (LikePattern, ignoringCase: Bool?)
    ) -> FaultyStorage {
        .filtering(conditions: { condition in
            guard case .like(let pattern, let ignoringCase) = condition else { return condition }
            let (new, isNewIgnoringCase) = change(pattern)
            return .like(new, ignoringCase: isNewIgnoringCase ?? ignoringCase)
        })
    }

    /// Takes a character in a pattern for a `*`.
    fileprivate static func filtering(special: Character) -> FaultyStorage {
        .filtering(patterns: { pattern in
            (LikePattern(pattern.text.replacing(String(special), with: "*")) ?? pattern, nil)
        })
    }
}
