import MartletKernel
import MartletModel

extension StorageContract {
    /// About records of many bytes.
    static let sizes: [Clause] = [
        Clause("a page ends with the row that makes it longer than maxBytes, and has two at least") { subject in
            let records = [900, 0, 4000, 70_000, 1, 200_000, 3].enumerated().map { number, length in
                Remark(Int64(number), text: String(repeating: "x", count: length))
            }
            try await subject.makeAll(records)
            for selection in subject.selections(limit: 1000) {
                let all = try await subject.rows(selection)
                try subject.expect(all.count, records.count, "records of \(selection) without maxBytes")
                let sizes = (1...all.count).map { all.prefix($0).byteCount }
                for maxBytes in [0, 1] + sizes.flatMap({ [$0 - 1, $0] }) + [.max] {
                    let count = sizes.indices.first { $0 > 0 && sizes[$0] > maxBytes }.map { $0 + 1 } ?? all.count
                    let page = try await subject.rows(selection, maxBytes: maxBytes)
                    try subject.expect(page.count, count, "records of \(selection) with maxBytes \(maxBytes)")
                    try subject.expect(page, all.prefix(count), "\(selection) with maxBytes \(maxBytes)")
                }
            }
            for selection in subject.selections(limit: 2) {
                try await subject.expect(
                    subject.rows(selection, maxBytes: .max).count, 2, "records of \(selection), which its limit ends")
            }
        },
        Clause("rows that the budget has no room for are overloaded, and nothing of it stays in use") { subject in
            let text = String(repeating: "x", count: 60_000)
            try await subject.makeAll((0..<6).map { Remark($0, text: text) })
            let selections = subject.selections(limit: 1000) + [.key(.integer(3))]
            for selection in selections {
                let budget = BufferBudget(limit: selection == .key(.integer(3)) ? 20_000 : 150_000)
                for _ in 0..<3 {
                    try await subject.expectOverloaded(selection, BufferReservation(in: budget))
                    try await subject.expectUnused(budget)
                }
                let bytes = try await subject.rows(selection).byteCount
                budget.setLimit(2 * bytes + 200_000)
                try await subject.expectCounted(selection, bytes, in: budget)
                try await subject.expectUnused(budget)
            }
        },
        Clause("a transaction whose records the budget has no room for is refused as overloaded, and does nothing") {
            subject in
            let text = String(repeating: "x", count: 60_000)
            var mutations: [Mutation] = [try .insert(Remark(0, text: text))]
            for key in 1..<Int64(6) {
                mutations.append(
                    try .insert(Remark(key), [1: ResultReference(mutation: 0, column: 1)]))
            }
            let budget = BufferBudget(limit: 150_000)
            var transaction = Transaction(mutations, at: Subject.time)
            for limit in [150_000, 1_000_000] {
                budget.setLimit(limit)
                transaction.reservation = BufferReservation(in: budget)
                let result = try await subject.storage.commit(transaction, .test)
                transaction.reservation = nil
                try await subject.expectUnused(budget)
                if limit == 150_000 {
                    guard case .refused(let refusals) = result, refusals.map(\.reason) == [.overloaded] else {
                        throw subject.violation("the result without room for it", Refusal.Reason.overloaded, result)
                    }
                    try await subject.expect(subject.keys(of: Remark.self), [], "keys")
                } else {
                    try subject.expect(result.written.count, mutations.count, "results")
                }
            }
        },
    ]
}

extension Subject {
    /// Ways to ask for a page.
    fileprivate func selections(limit: Int) -> [Query.Selection] {
        let key = Remark.resource.keyIndex
        let orders = [
            [SortTerm(key)], [SortTerm(key, isDescending: true)], [SortTerm(1), SortTerm(key)],
            [SortTerm(1, isDescending: true), SortTerm(key, isDescending: true)],
        ]
        return [.page(after: nil, limit: limit)] + orders.map { .list(Query.List(order: $0, limit: limit)) }
    }

    fileprivate func rows(
        _ selection: Query.Selection, maxBytes: Int? = nil, reservation: BufferReservation? = nil
    ) async throws(StorageError) -> RowBatch {
        try await storage.rows(
            for: Query(Remark.resource, selection, maxBytes: maxBytes, reservation: reservation), .test)
    }

    fileprivate func expectOverloaded(_ selection: Query.Selection, _ reservation: BufferReservation) async throws {
        do throws(StorageError) {
            _ = try await rows(selection, reservation: reservation)
        } catch {
            return try expect(error, .overloaded, "the error of \(selection) without room for it")
        }
        throw violation("\(selection) without room for it", StorageError.overloaded, "rows")
    }

    /// A reservation holds the rows' bytes, but for less than 64 KiB.
    fileprivate func expectCounted(
        _ selection: Query.Selection, _ bytes: Int, in budget: BufferBudget
    ) async throws {
        let reservation = BufferReservation(in: budget)
        _ = try await rows(selection, reservation: reservation)
        try expect(
            reservation.bytes > bytes - 65_536, "of \(bytes) bytes of \(selection) \(reservation.bytes) are counted")
    }

    /// A storage may hold a reservation a little longer than its caller waits.
    fileprivate func expectUnused(_ budget: BufferBudget) async throws {
        for _ in 0..<1000 where budget.bytesInUse > 0 { try await Task.sleep(for: .milliseconds(10)) }
        try expect(budget.bytesInUse, 0, "bytes in use")
    }
}

extension RowBatch {
    /// The first rows.
    fileprivate func prefix(_ count: Int) -> RowBatch {
        var rows = RowBatch(width: width)
        for row in 0..<count { rows.append(row: row, of: self) }
        return rows
    }
}
