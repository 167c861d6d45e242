import MartletKernel
import MartletModel
import Synchronization

extension Fault {
    static let ofLists: [Fault] = [
        Fault("gives a list without end") { .listing(as: { $0.with { $0.limit = .max } }) },
        Fault("gives a row too few of a list") { .listing(as: { $0.with { $0.limit -= 1 } }) },
        Fault("begins a page with its place") {
            .listing { list, all in
                list.with { $0.after = nil }.page(of: all.behind(list) { $0 >= 0 })
            }
        },
        Fault("begins a page behind all that begin like its place") {
            .listing { list, all in
                let first = list.with { $0.order = Array(list.order.prefix(1)) }
                return list.with { $0.after = nil }.page(of: all.behind(first) { $0 > 0 })
            }
        },
        Fault("begins at the first record when none is at the place") {
            .listing { list, all in
                let isThere = !all.behind(list) { $0 == 0 }.isEmpty
                return list.with { if !isThere { $0.after = nil } }.page(of: all)
            }
        },
        Fault("finds nothing behind null, as it compares with it") {
            .listing { list, all in
                let hasNull = list.after.map { place in (0..<place.width).contains { place[0, $0].isNull } } ?? false
                return list.page(of: hasNull ? RowBatch(width: all.width) : all)
            }
        },
        Fault("counts the records before a page") {
            let given = Mutex(0)
            return .listing { list, all in
                let whole = list.with { ($0.after, $0.limit) = (nil, .max) }.page(of: all)
                return given.withLock { given in
                    if list.after == nil { given = 0 }
                    let rows = (0..<whole.count).dropFirst(given).prefix(list.limit)
                    given += rows.count
                    return whole.rows(Array(rows))
                }
            }
        },
        Fault("sorts null last") {
            .sorting { a, _, b, _ in a.isNull == b.isNull ? nil : a.isNull ? 1 : -1 }
        },
        Fault("sorts texts as Swift does") {
            .sorting { a, rows, b, others in
                guard let a = rows.string(of: a), let b = others.string(of: b) else { return nil }
                return a < b ? -1 : a == b ? 0 : 1
            }
        },
        Fault("sorts texts by their UTF-16") {
            .sorting { a, rows, b, others in
                guard let a = rows.string(of: a), let b = others.string(of: b), a.utf16.first != b.utf16.first else {
                    return nil
                }
                return a.utf16.lexicographicallyPrecedes(b.utf16) ? -1 : 1
            }
        },
        Fault("sorts bytes by how many they are") {
            .sorting { a, _, b, _ in a.tag == .bytes && b.tag == .bytes ? Int(a.length) - Int(b.length) : nil }
        },
        Fault("sorts by one field alone") {
            .listing(as: { list in list.with { $0.order = [list.order[0]] + list.order.dropFirst().suffix(1) } })
        },
        Fault("sorts by all fields in one direction") {
            .listing(as: { list in
                list.with {
                    $0.order = list.order.map { SortTerm($0.column, isDescending: list.order[0].isDescending) }
                }
            })
        },
        Fault("has keys ascend among equals") {
            .listing(as: { list in
                list.with { $0.order = list.order.dropLast() + list.order.suffix(1).map { SortTerm($0.column) } }
            })
        },
        Fault("lacks a column that is wanted") {
            .listing { list, all in
                var page = list.page(of: all)
                for row in 0..<page.count {
                    guard let column = list.columns?.last else { continue }
                    page.set(row: row, column: column, to: .absent)
                }
                return page
            }
        },
        Fault("has null for columns that aren't wanted", isSequential: false) {
            .listing { list, all in
                var page = list.page(of: all)
                for row in 0..<page.count {
                    for column in 0..<page.width where list.columns?.contains(column) == false {
                        page.set(row: row, column: column, to: .null)
                    }
                }
                return page
            }
        },
        Fault("has no versions in a list") {
            .listing { list, all in
                var page = list.page(of: all)
                for row in 0..<page.count { page.set(row: row, column: page.width - 1, to: .null) }
                return page
            }
        },
    ]
}

extension Query.List {
    fileprivate func with(_ change: (inout Query.List) -> Void) -> Query.List {
        var list = self
        change(&list)
        return list
    }
}

extension RowBatch {
    /// The rows that compare with a list's place as it is said; all without a place.
    fileprivate func behind(_ list: Query.List, _ isBehind: (Int) -> Bool) -> RowBatch {
        guard let place = list.after else { return self }
        return rows((0..<count).filter { isBehind(order(row: $0, place, by: list.order)) })
    }
}
