import MartletKernel
import MartletModel

extension StorageContract {
    static let compounds: [Clause] = [
        Clause("values that are unique together are taken together, and all are named") { subject in
            let first = try await subject.make(Slot("red", 1, 9))
            try await subject.expectTaken(subject.commit(.insert(Slot("red", 1, 10))), 1, 2)
            try await subject.expectTaken(subject.commit(.insert(Slot("blue", 1, 9))), 2, 3)
            try await subject.expectTaken(subject.commit(.insert(Slot("red", 1, 9))), 1, 2, 3)
            // One of the values alone is free, and case and form of a text count.
            for slot in [Slot("red", 2, 9), Slot("blue", 1, 10), Slot("RED", 1, 11), Slot("re\u{301}d", 1, 12)] {
                try await subject.make(slot)
            }
            try await subject.expectTaken(subject.commit(.insert(Slot("re\u{301}d", 1, 9, note: "n"))), 1, 2, 3)
            try await subject.expect(subject.records(of: Slot.self).count, 5, "records")
            try await subject.expect(
                subject.record(of: Slot.self, first.key(of: Slot.self)), first, "the first record")
        },
        Clause("every field is named that is taken alone or in a set") { subject in
            try await subject.make(Slot("red", 1, 9, note: "n"))
            try await subject.make(Slot("blue", 2, 10, note: "m"))
            try await subject.expectTaken(subject.commit(.insert(Slot("red", 1, 10, note: "m"))), 1, 2, 4)
            try await subject.expectTaken(subject.commit(.insert(Slot("green", 3, 9, note: "m"))), 4)
        },
        Clause("a set of values with null in it is never taken") { subject in
            for _ in 0..<3 {
                try await subject.make(Slot("red", nil, nil))
                try await subject.make(Slot("red", nil, 9))
            }
            try await subject.make(Slot("red", 1, nil))
            try await subject.make(Slot("blue", 1, nil))
            try await subject.expectTaken(subject.commit(.insert(Slot("red", 1, nil))), 1, 2)
        },
        Clause("an update of a part is judged with what the record keeps") { subject in
            try await subject.make(Slot("red", 1, 9))
            let slot = try await subject.make(Slot("blue", 2, 10))
            let key = slot.key(of: Slot.self)
            try await subject.done(.update(key, .set(\Slot.room, "red")))
            try await subject.expectTaken(
                subject.commit(.update(key, .set(\Slot.day, CalendarDate(clamping: 1)))), 1, 2)
            try await subject.done(.update(key, .set(\Slot.hour, 9)))
            try await subject.expectTaken(
                subject.commit(.update(key, .set(\Slot.day, CalendarDate(clamping: 1)))), 1, 2, 3)
            try await subject.done(.update(key, .set(\Slot.day, nil)))
            try await subject.done(.update(key, .set(\Slot.room, "red"), .set(\Slot.hour, 9)))
        },
        Clause("a record keeps its own set of values without a conflict, and gives it up when it goes") { subject in
            let key = try await subject.make(Slot("red", 1, 9)).key(of: Slot.self)
            try await subject.done(
                .update(key, .set(\Slot.room, "red"), .set(\Slot.day, CalendarDate(clamping: 1)), .set(\Slot.note, "n"))
            )
            try await subject.done(.delete(Slot.self, key))
            try await subject.make(Slot("red", 1, 9, note: "n"))
        },
        Clause("of many inserts at once of one set of values, one is done") { subject in
            let results = try await subject.atOnce(30) { number in
                try await subject.commit(.insert(Slot("red", 1, Int64(number))))
            }
            let refused = CommitResult.refused([Refusal(mutation: 0, .uniqueTaken([1, 2]))])
            try subject.expect(results.count { $0 == refused }, 29, "refusals")
        },
    ]
}

extension RowBatch {
    /// The key of the first row.
    func key<M: Model>(of _: M.Type) -> Key {
        M.resource.key(ofRow: 0, in: self) ?? .integer(-1)
    }
}
