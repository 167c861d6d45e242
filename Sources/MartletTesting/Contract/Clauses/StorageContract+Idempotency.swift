import FoundationEssentials
import MartletKernel
import MartletModel

extension StorageContract {
    static let idempotency: [Clause] = [
        Clause("what is sent again is answered as before, and not done again") { subject in
            let key = Idempotency(scope: "key", fingerprint: .max)
            let folder = try await subject.folder("before")
            let mutations = try [
                Mutation.insert(Folder("one")), .insert(Folder("two")), .upsert(Owner("ada")),
                .update(.integer(folder), .set(\Folder.name, "after")), .delete(Folder.self, .integer(folder)),
            ]
            let first = try await subject.commit(mutations, key)
            guard case .committed(let written) = first else { throw subject.violation("the result", "a commit", first) }
            for time in [Subject.time, Timestamp(clamping: Subject.time.microsecondsSince1970 + 1)] {
                try await subject.expect(subject.commit(mutations, at: time, key), .replayed(written), "the same again")
            }
            try await subject.expect(subject.records(of: Folder.self).count, 2, "folders")
            // What became of the records meanwhile doesn't matter.
            try await subject.done(.delete(Owner.self, .string("ada")))
            try await subject.expect(subject.commit(mutations, key), .replayed(written), "the same much later")
            try await subject.expectRecords([Owner]())
        },
        Clause("records of every type are kept with an idempotency key") { subject in
            let mutations = try Specimen.extremes.enumerated().map { number, set in
                var specimen = Specimen(UUID(number: number))
                set(&specimen)
                return try Mutation.insert(specimen)
            }
            let key = Idempotency(scope: "key", fingerprint: 0)
            let first = try await subject.commit(mutations, key)
            try subject.expect(first.written.count, mutations.count, "records")
            try await subject.expect(subject.commit(mutations, key), .replayed(first.written), "the same again")
        },
        Clause("another request under a known key is refused, and nothing is done") { subject in
            let insert = try Mutation.insert(Entry("text"))
            _ = try await subject.commit([insert], Idempotency(scope: "key", fingerprint: 1))
            for fingerprint: UInt64 in [0, 2, 1 << 32 | 1, 1 << 63 | 1, .max] {
                let again = try await subject.commit([insert], Idempotency(scope: "key", fingerprint: fingerprint))
                try subject.expectRefused(again, .idempotencyKeyReused)
                let other = try await subject.commit(
                    [.insert(Owner("ada"))], Idempotency(scope: "key", fingerprint: fingerprint))
                try subject.expectRefused(other, .idempotencyKeyReused)
            }
            try await subject.expect(subject.records(of: Entry.self).count, 1, "entries")
            try await subject.expectRecords([Owner]())
        },
        Clause("what is sent again is answered with the fields that its resource has now") { subject in
            let (key, time) = (Idempotency(scope: "key", fingerprint: 1), Subject.time)
            let mutations = try [
                Mutation.insert(Owner("ada", name: "Ada")), .insert(Entry("text")),
                .update(.string("ada"), .set(\Owner.name, "Eve")),
            ]
            let first = try await subject.commit(mutations, key)
            guard case .committed(let written) = first, written.count == 3, written[0].record.count == 1,
                written[2].record.count == 1
            else { throw subject.violation("the result", "three records", first) }
            func replay(_ owners: ResourceSchema, after microseconds: Int64 = 0) async throws -> CommitResult? {
                let owner = Mutation(owners, .delete(.string("ada")))
                let now = Timestamp(clamping: time.microsecondsSince1970 + microseconds)
                return try await subject.storage.replay(
                    of: Transaction([owner, mutations[1], owner], at: now, idempotency: key), .test)
            }
            let id = try FieldSchema("id", .string, [.key(.assigned), .length(1...200)])
            let changed = try ResourceSchema(
                "owners",
                [
                    id, FieldSchema("rank", .integer, [.default(7)]),
                    FieldSchema("label", .string, isNullable: true, [.renamedFrom("name")]),
                    FieldSchema("email", .integer, isNullable: true), FieldSchema("note", .string, isNullable: true),
                    FieldSchema("at", .timestamp, [.managed(.updatedAt)]),
                ])
            var expected = written
            for (index, name) in [(0, "Ada"), (2, "Eve")] {
                var record = RowBatch(width: changed.width)
                record.append("ada")
                record.append(.integer(7))
                record.append(name)
                let version = written[index].record[0, Owner.resource.versionIndex]
                for cell in [.null, .null, .timestamp(time), version] { record.append(cell) }
                expected[index] = Written(record, isNew: index == 0)
            }
            // Always the same, whenever it is asked for.
            for microseconds: Int64 in [0, 1_000_000] {
                try await subject.expect(
                    replay(changed, after: microseconds), .replayed(expected), "with other fields")
            }
            try await subject.expect(replay(Owner.resource), .replayed(written), "with the fields of then")
            // What has no value for a field that needs one can't be told any more.
            for field in try [
                FieldSchema("rank", .integer), FieldSchema("email", .string), FieldSchema("createdAt", .integer),
            ] {
                try await subject.expect(
                    replay(ResourceSchema("owners", [id, field])),
                    .refused([Refusal(mutation: 0, .alreadyDone(.string("ada")))]), "with \(field.name)")
            }
        },
        Clause("keys of any text are told apart by their bytes") { subject in
            let scopes = HostileText.all + ["key", "KEY", "key "]
            for scope in scopes {
                let mutations = try [Mutation.insert(Entry(scope))]
                let first = try await subject.commit(mutations, Idempotency(scope: scope, fingerprint: 1))
                guard case .committed(let written) = first else {
                    throw subject.violation("the result with \(scope.debugDescription.prefix(40))", "a commit", first)
                }
                let again = try await subject.commit(mutations, Idempotency(scope: scope, fingerprint: 1))
                try subject.expect(again, .replayed(written), "the same again")
            }
            try await subject.expect(subject.records(of: Entry.self).count, scopes.count, "entries")
        },
        Clause("a refusal is not kept, but judged again") { subject in
            let key = Idempotency(scope: "key", fingerprint: 1)
            let insert = try Mutation.insert(Remark(1, author: "ada"))
            for _ in 0..<2 {
                try await subject.expectRefused(subject.commit([insert], key), .referenceMissing([3]))
            }
            // Not even its fingerprint.
            try await subject.expectRefused(
                subject.commit([insert], Idempotency(scope: "key", fingerprint: 2)), .referenceMissing([3]))
            try await subject.make(Owner("ada"))
            let first = try await subject.commit([insert], key)
            guard case .committed(let written) = first else { throw subject.violation("the result", "a commit", first) }
            try await subject.expect(subject.commit([insert], key), .replayed(written), "the same again")
        },
        Clause("a key is known for 24 hours") { subject in
            func commit(_ fingerprint: UInt64, after microseconds: Int64) async throws -> CommitResult {
                try await subject.commit(
                    [.insert(Entry("text"))],
                    at: Timestamp(clamping: Subject.time.microsecondsSince1970 + microseconds),
                    Idempotency(scope: "key", fingerprint: fingerprint))
            }
            let day = 86_400_000_000 as Int64
            let written = try await commit(1, after: 0).written
            try await subject.expect(commit(1, after: day - 1), .replayed(written), "just before")
            try await subject.expectRefused(commit(2, after: day - 1), .idempotencyKeyReused)
            // From then on as if it had never been, also for another request.
            guard case .committed(let second) = try await commit(2, after: day) else {
                throw ContractViolation("\(subject.clause): it is known after a day")
            }
            try await subject.expect(commit(2, after: 2 * day - 1), .replayed(second), "the second, a day later")
            try await subject.expect(subject.records(of: Entry.self).count, 2, "entries")
        },
        Clause("a key of a time when the clock was far ahead isn't known once the clock is back") { subject in
            func commit(after microseconds: Int64) async throws -> CommitResult {
                try await subject.commit(
                    [.insert(Entry("text"))],
                    at: Timestamp(clamping: Subject.time.microsecondsSince1970 + microseconds),
                    Idempotency(scope: "key", fingerprint: 1))
            }
            // A clock that is a little ahead of another one does no harm.
            let near = try await commit(after: Idempotency.lifetime).written
            try await subject.expect(commit(after: 0), .replayed(near), "a day before")
            _ = try await commit(after: 3650 * Idempotency.lifetime)
            guard case .committed(let written) = try await commit(after: 0) else {
                throw ContractViolation("\(subject.clause): a key from ten years ahead is known")
            }
            try await subject.expect(commit(after: 1), .replayed(written), "the same again")
            try await subject.expect(subject.records(of: Entry.self).count, 3, "entries")
        },
        Clause("of the same sent many times at once, one is done, and all are answered alike") { subject in
            let results = try await subject.atOnce(60) { number in
                let half = number % 2
                return try await subject.commit(
                    [.insert(Folder("\(half)")), .insert(Owner("\(half)"))],
                    Idempotency(scope: "\(half)", fingerprint: 1))
            }
            for half in 0...1 {
                let answers = results.enumerated().filter { $0.offset % 2 == half }.map(\.element)
                let written = answers[0].written
                try subject.expect(written.count, 2, "records in an answer")
                try subject.expect(answers.count { $0 == .committed(written) }, 1, "that were done")
                try subject.expect(answers.count { $0 == .replayed(written) }, 29, "that were answered again")
            }
            try await subject.expect(subject.records(of: Folder.self).count, 2, "folders")
        },
        Clause("what is known is told without doing anything") { subject in
            func transaction(_ fingerprint: UInt64?, after microseconds: Int64 = 0) throws -> Transaction {
                Transaction(
                    try [.insert(Folder("one")), .insert(Entry("one"))],
                    at: Timestamp(clamping: Subject.time.microsecondsSince1970 + microseconds),
                    idempotency: fingerprint.map { Idempotency(scope: "key", fingerprint: $0) })
            }
            try await subject.expect(subject.storage.replay(of: transaction(1), .test), nil, "before")
            let written = try await subject.storage.commit(transaction(1), .test).written
            try await subject.expect(
                subject.storage.replay(of: transaction(1), .test), .replayed(written), "afterwards")
            try await subject.expect(
                subject.storage.replay(of: transaction(2), .test),
                .refused([Refusal(mutation: 0, .idempotencyKeyReused)]),
                "another request")
            try await subject.expect(subject.storage.replay(of: transaction(nil), .test), nil, "without a key")
            try await subject.expect(
                subject.storage.replay(of: transaction(1, after: Idempotency.lifetime), .test), nil, "a day later")
            try await subject.expect(subject.records(of: Folder.self).count, 1, "folders")
        },
    ]
}
