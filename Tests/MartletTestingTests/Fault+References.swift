import Foundation
import MartletKernel
import MartletModel

@testable import MartletTesting

extension Fault {
    static let ofReferences: [Fault] = [
        Fault("knows no references") { .referring { _ in nil } },
        Fault("cascades where it should restrict") { .referring { $0 == .restrict ? .cascade : $0 } },
        Fault("sets null where it should restrict") { .referring { $0 == .restrict ? .setNull : $0 } },
        Fault("restricts where it should cascade") { .referring { $0 == .cascade ? .restrict : $0 } },
        Fault("restricts where it should set null") { .referring { $0 == .setNull ? .restrict : $0 } },
        Fault("cascades where it should set null") { .referring { $0 == .setNull ? .cascade : $0 } },
        Fault("cascades through one level") {
            .holding { field in
                field.name == "parent" ? [.references("folders", onDelete: .setNull)] : nil
            }
        },
        Fault("names the first missing reference only") {
            .refusing { refusal in
                guard case .referenceMissing(let columns) = refusal.reason else { return refusal }
                return Refusal(mutation: refusal.mutation, .referenceMissing([columns[0]]))
            }
        },
        Fault("names the first referring field only") {
            .refusing { refusal in
                guard case .stillReferenced(let referrers) = refusal.reason else { return refusal }
                return Refusal(mutation: refusal.mutation, .stillReferenced([referrers[0]]))
            }
        },
        Fault("names referring fields in another order") {
            .refusing { refusal in
                guard case .stillReferenced(let referrers) = refusal.reason else { return refusal }
                return Refusal(mutation: refusal.mutation, .stillReferenced(referrers.reversed()))
            }
        },
        Fault("sees references to itself as missing") {
            .changing { mutation, _, _ throws(StorageError) in
                guard case .insert(let row) = mutation.change, mutation.resource.name == "remarks",
                    row.cells[0, 0].integer == row.cells[0, 5].integer
                else { return nil }
                return .refused([Refusal(mutation: 0, .referenceMissing([5]))])
            }
        },
        Fault("lets no record go that refers to itself") {
            .changing { mutation, _, sound throws(StorageError) in
                guard case .delete(let key) = mutation.change, mutation.resource.name == "remarks" else { return nil }
                let record = try await sound.rows(for: Query(mutation.resource, .key(key)), .test)
                guard !record.isEmpty, record[0, 0].integer == record[0, 5].integer else { return nil }
                let referrer = Refusal.Referrer(resource: "remarks", field: "answers")
                return .refused([Refusal(mutation: 0, .stillReferenced([referrer]))])
            }
        },
        Fault("looks for taken values before missing records") {
            .changing { mutation, _, sound throws(StorageError) in
                guard case .insert(let row) = mutation.change, mutation.resource.name == "remarks",
                    let author = row.cells.string(of: row.cells[0, 3])
                else { return nil }
                let rows = try await sound.rows(for: Query(mutation.resource, .page(after: nil, limit: .max)), .test)
                let isKnown = (0..<rows.count).contains { rows.string(of: rows[$0, 3]) == author }
                let isTaken = (0..<rows.count).contains { rows[$0, 0].integer == row.cells[0, 0].integer }
                return isTaken && !isKnown ? .refused([Refusal(mutation: 0, .uniqueTaken([0]))]) : nil
            }
        },
        Fault("refers whatever the form of a key's letters", isSequential: false) {
            .changing { mutation, transaction, sound throws(StorageError) in
                let result = try await sound.commit(transaction, .test)
                guard case .insert(let row) = mutation.change, let refusal = result.refusal,
                    refusal.reason == .referenceMissing([3]), let author = row.cells.string(of: row.cells[0, 3]),
                    author.precomposedStringWithCanonicalMapping.lowercased() == "\u{E9}"
                else { return result }
                return .committed([Written(row.cells, isNew: true)])
            }
        },
        Fault("keeps what goes along because of what goes along with it") {
            .changing { mutation, _, sound throws(StorageError) in
                guard case .delete(let key) = mutation.change, mutation.resource.name == "folders" else { return nil }
                let rows = try await sound.rows(for: Query(Remark.resource, .page(after: nil, limit: .max)), .test)
                let isInFolder = { (row: Int) in Key(rows[row, 6], of: rows) == key }
                let keys = (0..<rows.count).filter(isInFolder).map { rows[$0, 0].integer }
                let refers = (0..<rows.count).contains { isInFolder($0) && keys.contains(rows[$0, 5].integer) }
                let referrer = Refusal.Referrer(resource: "remarks", field: "answers")
                return refers ? .refused([Refusal(mutation: 0, .stillReferenced([referrer]))]) : nil
            }
        },
        Fault("sets null without a time", any: { StaleTimeStorage() }),
    ]
}

extension FaultyStorage {
    /// Has other rules for deletions; nil is no reference at all.
    fileprivate static func referring(_ change: @escaping @Sendable (DeleteRule) -> DeleteRule?) -> FaultyStorage {
        .holding { field in
            guard let reference = field.reference else { return nil }
            let rule = change(reference.onDelete)
            guard rule != .setNull || field.isNullable else { return nil }
            return field.replacing(
                { if case .reference = $0 { true } else { false } },
                with: rule.map { .references(reference.resource, onDelete: $0) })
        }
    }
}
