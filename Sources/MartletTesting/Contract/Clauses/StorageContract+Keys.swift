import FoundationEssentials
import MartletKernel
import MartletModel

extension StorageContract {
    static let keys: [Clause] = [
        Clause("texts that are keys are told apart and ordered by their bytes") { subject in
            let ids = HostileText.all.filter { !$0.isEmpty } + ["a", "A", "b", "B", "aa", "a\u{301}", "\u{E1}", "Z"]
            for id in ids { try await subject.make(Owner(id, name: id)) }
            let sorted = ids.map(Key.string).sorted()
            try await subject.expect(subject.keys(of: Owner.self), sorted, "all keys")
            for (place, key) in sorted.enumerated() {
                let expected = Array(sorted[(place + 1)...].prefix(3))
                try await subject.expect(
                    subject.keys(of: Owner.self, after: key, limit: 3), expected, "three keys behind \(key)")
                let name = try await subject.record(of: Owner.self, key)
                try subject.expect(
                    name.string(of: name[0, 1]).map(Key.string), key, "the name of the record with \(key)")
            }
            try await subject.expect(
                subject.keys(of: Owner.self, after: .string("a!")).first, .string("aa"), "the next key")
        },
        Clause("UUIDs that are keys are ordered by their bytes") { subject in
            for id in Extremes.uuids { try await subject.make(Specimen(id)) }
            let sorted = Extremes.uuids.map(Key.uuid).sorted()
            try await subject.expect(subject.keys(of: Specimen.self), sorted, "all keys")
            for (place, key) in sorted.enumerated() {
                try await subject.expect(
                    subject.keys(of: Specimen.self, after: key), Array(sorted[(place + 1)...]), "keys behind \(key)")
                try await subject.expect(subject.record(of: Specimen.self, key).count, 1, "records with \(key)")
            }
        },
        Clause("integers that clients assign have their whole range, and are ordered by value") { subject in
            for id in Extremes.integers.reversed() { try await subject.make(Remark(id)) }
            let sorted = Extremes.integers.sorted().map(Key.integer)
            try await subject.expect(subject.keys(of: Remark.self), sorted, "all keys")
            for (place, key) in sorted.enumerated() {
                try await subject.expect(
                    subject.keys(of: Remark.self, after: key), Array(sorted[(place + 1)...]), "keys behind \(key)")
                try await subject.expect(subject.record(of: Remark.self, key).count, 1, "records with \(key)")
            }
        },
        Clause("a generated UUID is the application's: the record has the one that it came with") { subject in
            let folder = try await subject.folder("one")
            let ids = Extremes.uuids.filter { $0 != UUID(number: 0) }
            for id in ids { try await subject.make(Document(id, title: "\(id)", in: folder)) }
            let sorted = ids.map(Key.uuid).sorted()
            try await subject.expect(subject.keys(of: Document.self), sorted, "all keys")
        },
        Clause("a key that another record has is taken") { subject in
            let owner = Owner("e\u{301}")
            try await subject.make(owner)
            try await subject.expectTaken(subject.commit(.insert(Owner("e\u{301}", name: "other"))), 0)
            let other = Owner("\u{E9}", email: "a@example.org")
            try await subject.make(other)
            // Every value that is taken is named, the key's first.
            try await subject.expectTaken(
                subject.commit(.insert(Owner("e\u{301}", name: "new", email: "A@example.org"))), 0, 2)
            try await subject.make(Specimen(UUID(number: 1)))
            try await subject.expectTaken(subject.commit(.insert(Specimen(UUID(number: 1)))), 0)
            try await subject.make(Remark(0))
            try await subject.expectTaken(subject.commit(.insert(Remark(0, text: "other"))), 0)
            try await subject.expectRecords([owner, other])
        },
        Clause("an assigned key is free once its record is gone") { subject in
            for name in ["first", "second"] {
                try await subject.make(Owner("ada", name: name))
                try await subject.done(.delete(Owner.self, .string("ada")))
                try await subject.expect(subject.record(of: Owner.self, .string("ada")).count, 0, "records")
            }
        },
    ]

    static let upserts: [Clause] = [
        Clause("an upsert makes a record once, and changes it from then on") { subject in
            var owner = Owner("a", name: "first")
            let other = Owner("A", name: "other")
            for (name, isNew) in [("first", true), ("second", false), ("second", false)] {
                owner.name = name
                let written = try await subject.done(.upsert(owner))[0]
                try subject.expect(written.record.withoutVersions, owner.row, "the record")
                try subject.expect(written.isNew, isNew, "that \(name) is new")
            }
            try await subject.expect(subject.done(.upsert(other))[0].isNew, true, "that another key's record is new")
            try await subject.expectRecords([other, owner])
        },
        Clause("an upsert meets uniqueness and references as an insert or an update does") { subject in
            let owner = Owner("a", email: "a@example.org")
            let other = Owner("b", email: "b@example.org")
            try await subject.make(owner)
            try await subject.make(other)
            let taken = Owner("c", email: "A@example.org")
            try await subject.expectTaken(subject.commit(.upsert(taken)), 2)
            try await subject.expectTaken(subject.commit(.upsert(Owner("b", email: "A@example.org"))), 2)
            for _ in 0..<2 {
                try await subject.expectRefused(
                    subject.commit(.upsert(Remark(1, author: "nobody"))), .referenceMissing([3]))
                try await subject.done(.upsert(Remark(1, author: "a")))
            }
            try await subject.expectRecords([owner, other])
        },
        Clause("an upsert that is only to make a record is refused where there is one") { subject in
            let owner = Owner("a", name: "first")
            try await subject.expect(subject.done(.upsert(owner, if: .absent))[0].isNew, true, "that it is new")
            let again = try await subject.commit(.upsert(Owner("a", name: "second"), if: .absent))
            try subject.expectRefused(again, .preconditionFailed)
            try await subject.expectRefused(subject.commit(.upsert(owner, if: .absent)), .preconditionFailed)
            try await subject.expectRecords([owner])
        },
        Clause("an upsert that is only to change a record is refused where there is none") { subject in
            let versions: [Precondition] = [.version([1]), .version([]), .version([0, .max]), .present]
            for precondition in versions {
                try await subject.expectRefused(
                    subject.commit(.upsert(Owner("a"), if: precondition)), .preconditionFailed)
            }
            try await subject.make(Owner("a"))
            let changed = Owner("a", name: "changed")
            try await subject.done(.upsert(changed, if: .present))
            try await subject.expectRecords([changed])
        },
        Clause("of many upserts at once that are to make a record, one does") { subject in
            let results = try await subject.atOnce(50) { number in
                try await subject.commit(.upsert(Owner("a", name: "\(number)"), if: .absent))
            }
            let refused = CommitResult.refused([Refusal(mutation: 0, .preconditionFailed)])
            try subject.expect(results.count { $0 == refused }, 49, "refusals")
            let made = results.flatMap(\.written).map(\.record)
            try await subject.expect([subject.records(of: Owner.self)], made, "the record")
        },
    ]
}
