import Foundation
import MartletKernel
import MartletModel
import MartletTesting

extension Fault {
    static let ofReading: [Fault] = [
        Fault("composes text") { FaultyStorage.reading(texts: { $0.precomposedStringWithCanonicalMapping }) },
        Fault("cuts text at U+0001") { FaultyStorage.reading(texts: { String($0.prefix { $0 != "\u{1}" }) }) },
        Fault("cuts text at 64 KiB", isSequential: false) {
            FaultyStorage.reading(texts: { String($0.prefix(1 << 16)) })
        },
        Fault("takes the empty text for null") { FaultyStorage.reading(texts: { $0.isEmpty ? nil : $0 }) },
        Fault("holds integers as doubles") {
            .reading { rows in
                rows.mapping { cell in cell.integer.map { .integer(Int64(exactly: Double($0)) ?? .max) } ?? cell }
            }
        },
        Fault("reads null as zero") { .reading { rows in rows.mapping { $0.isNull ? .integer(0) : $0 } } },
        Fault("has no columns when it has no rows", isSequential: false) {
            .reading { $0.isEmpty ? RowBatch(width: 1) : $0 }
        },
        Fault("reads another record when there is none") {
            .asking { query, sound throws(StorageError) in
                guard case .key = query.selection, try await sound.rows(for: query, .test).isEmpty else { return query }
                return Query(query.resource, .page(after: nil, limit: 1))
            }
        },
        Fault("begins a page with the key it should begin behind") {
            .asking(pages: { key, limit in (key.map { $0 == .min ? $0 : $0 - 1 }, limit) })
        },
        Fault("gives a row too many") { .asking(pages: { key, limit in (key, limit + 1) }) },
        Fault("begins every page at the first record") { .asking(pages: { _, limit in (nil, limit) }) },
        Fault("begins at the first record when none has the page's key") {
            .asking { query, sound throws(StorageError) in
                guard case .page(let key?, let limit) = query.selection,
                    try await sound.rows(for: Query(query.resource, .key(key)), .test).isEmpty
                else { return query }
                return Query(query.resource, .page(after: nil, limit: limit))
            }
        },
        Fault("turns pages round") {
            .reading { rows in
                var turned = RowBatch(width: rows.width)
                for row in (0..<rows.count).reversed() { turned.append(row: row, of: rows) }
                return turned
            }
        },
        Fault("has no versions in what is read") {
            .reading { rows in
                var rows = rows
                for row in 0..<rows.count { rows.set(row: row, column: rows.width - 1, to: .null) }
                return rows
            }
        },
    ]

    static let ofTypes: [Fault] = [
        Fault("keeps numbers in 32 bits") {
            .reading {
                $0.mapping { cell in cell.number.map { .number(max(-1e300, min(1e300, Double(Float($0))))) } ?? cell }
            }
        },
        Fault("takes the least numbers for zero") {
            .reading { $0.mapping { $0.number?.isSubnormal == true ? .number(0) : $0 } }
        },
        Fault("keeps milliseconds of a time") {
            .reading { rows in
                rows.mapping { cell in
                    guard let time = cell.timestamp?.microsecondsSince1970 else { return cell }
                    return .timestamp(Timestamp(clamping: time - time % 1000))
                }
            }
        },
        Fault("has no time before 1970") {
            .reading { rows in
                rows.mapping { cell in cell.timestamp.map { .timestamp(max($0, .epoch)) } ?? cell }
            }
        },
        Fault("has no day before 1582") {
            .reading { rows in
                rows.mapping { cell in
                    cell.date.map { .date(CalendarDate(clamping: max($0.daysSince1970, -141_427))) } ?? cell
                }
            }
        },
        Fault("reads false as null") { .reading { $0.mapping { $0.boolean == false ? .null : $0 } } },
        Fault("ends bytes at a zero") { .reading(.bytes) { Array($0.prefix { $0 != 0 }) } },
        Fault("cuts bytes at 255", isSequential: false) { .reading(.bytes) { Array($0.prefix(255)) } },
        Fault("turns the bytes of a UUID round") { .reading(.uuid) { $0.reversed() } },
        Fault("cuts documents at 64 KiB", isSequential: false) { .reading(.json) { Array($0.prefix(1 << 16)) } },
        Fault("composes texts in documents") {
            .reading(.json) { Array(String(decoding: $0, as: UTF8.self).precomposedStringWithCanonicalMapping.utf8) }
        },
        Fault("takes numbers in documents for doubles") {
            .reading(.json) { Array(String(decoding: $0, as: UTF8.self).replacing("1.10", with: "1.1").utf8) }
        },
    ]
}

extension FaultyStorage {
    /// Changes the bytes of the cells that have a tag.
    fileprivate static func reading(
        _ tag: Cell.Tag, _ change: @escaping @Sendable ([UInt8]) -> [UInt8]
    ) -> FaultyStorage {
        .reading { rows in
            var rows = rows
            for row in 0..<rows.count {
                for column in 1..<rows.width where rows[row, column].tag == tag {
                    let bytes = change(rows.withBytes(of: rows[row, column]) { Array($0) })
                    bytes.withUnsafeBytes { rows.set(row: row, column: column, to: tag, $0) }
                }
            }
            return rows
        }
    }

    /// Changes the texts that are read; nil is null.
    fileprivate static func reading(texts change: @escaping @Sendable (String) -> String?) -> FaultyStorage {
        .reading { rows in
            var rows = rows
            for row in 0..<rows.count {
                for column in 0..<rows.width {
                    guard let text = rows.string(of: rows[row, column]) else { continue }
                    if let new = change(text) {
                        rows.set(row: row, column: column, to: new)
                    } else {
                        rows.set(row: row, column: column, to: .null)
                    }
                }
            }
            return rows
        }
    }

    /// Changes what a page begins behind, and its limit.
    fileprivate static func asking(pages change: @escaping @Sendable (Int64?, Int) -> (Int64?, Int)) -> FaultyStorage {
        .asking { query, _ throws(StorageError) in
            guard case .page(let after, let limit) = query.selection else { return query }
            var key: Int64?
            if case .integer(let value) = after { key = value }
            let (newKey, newLimit) = change(key, limit)
            return Query(query.resource, .page(after: newKey.map(Key.integer), limit: newLimit))
        }
    }
}

extension RowBatch {
    /// The same rows with other cells, but for keys, versions and what is in the heap.
    fileprivate func mapping(_ change: (Cell) -> Cell) -> RowBatch {
        var rows = self
        for row in 0..<count {
            for column in 1..<max(1, width - 1) where !self[row, column].isInHeap {
                rows.set(row: row, column: column, to: change(self[row, column]))
            }
        }
        return rows
    }
}
