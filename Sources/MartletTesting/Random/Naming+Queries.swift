import MartletKernel
import MartletModel

/// Lists in a storage's keys.
extension Naming {
    func list(_ list: Query.List, of resource: RandomResource) -> Query.List {
        let columns = numbered(resource)
        var named = list
        named.filter = filter(list.filter, of: resource)
        for (index, term) in list.order.enumerated() {
            guard let target = columns[term.column], let number = list.after?[0, index].integer else { continue }
            key(of: .numbered(number), in: target).store(in: &named.after, column: index)
        }
        return named
    }

    func filter(_ filter: Filter, of resource: RandomResource) -> Filter {
        let columns = numbered(resource)
        return Filter(
            filter.clauses.map { clause in
                clause.map { term in
                    guard let target = columns[term.column] else { return term }
                    return switch term.condition {
                    case .compare(let comparison, let value):
                        FilterTerm(term.column, .compare(comparison, value: keys(value, of: target)))
                    case .oneOf(let values): FilterTerm(term.column, .oneOf(keys(values, of: target)))
                    case .like, .isNull: term
                    }
                }
            })
    }

    private func keys(_ numbers: RowBatch, of target: RandomResource) -> RowBatch {
        var keys = numbers
        for row in 0..<numbers.count {
            guard let number = numbers[row, 0].integer else { continue }
            key(of: .numbered(number), in: target).store(in: &keys, row: row, column: 0)
        }
        return keys
    }

    /// A record's values as a sequence says them: where a page can begin.
    func place(of record: RowBatch, in order: [SortTerm], _ resource: RandomResource) -> RowBatch {
        var place = record.place(ofRow: 0, in: order)
        let columns = numbered(resource)
        for (index, term) in order.enumerated() {
            guard let target = columns[term.column], let key = Key(place[0, index], of: place),
                case .numbered(let number) = name(of: key, in: target)
            else { continue }
            place.set(row: 0, column: index, to: .integer(number))
        }
        return place
    }

    private func numbered(_ resource: RandomResource) -> [Int: RandomResource] {
        var columns: [Int: RandomResource] = [:]
        for (column, name) in resource.numberedColumns { columns[column] = RandomResource.named(name) }
        return columns
    }
}

extension Key {
    fileprivate func store(in place: inout RowBatch?, column: Int) {
        guard var row = place else { return }
        store(in: &row, row: 0, column: column)
        place = row
    }
}
