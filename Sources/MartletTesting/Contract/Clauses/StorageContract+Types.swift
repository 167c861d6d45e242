import FoundationEssentials
import MartletKernel
import MartletModel

extension StorageContract {
    static let types: [Clause] = [
        Clause("every type keeps its extremes exactly, in a new record") { subject in
            var specimens: [Specimen] = []
            for (number, set) in Specimen.extremes.enumerated() {
                var specimen = Specimen(UUID(number: number))
                set(&specimen)
                let made = try await subject.make(specimen)
                try await subject.expect(subject.record(of: Specimen.self, specimen.key), made, "the record, read")
                specimens.append(specimen)
            }
            try await subject.expectRecords(specimens)
        },
        Clause("every type keeps its extremes exactly, in a record that is changed") { subject in
            var specimen = Specimen(UUID(number: 1))
            try await subject.make(specimen)
            for set in Specimen.extremes {
                set(&specimen)
                let written = try await subject.done(.upsert(specimen))[0].record
                try subject.expect(written.withoutVersions, specimen.row, "the changed record")
                try await subject.expect(subject.record(of: Specimen.self, specimen.key), written, "the record, read")
            }
            let empty = Specimen(specimen.id)
            try await subject.done(.upsert(empty))
            try await subject.expectRecords([empty], "the record with nulls again")
        },
        Clause("bytes and documents may be many") { subject in
            var specimen = Specimen(UUID(number: 1))
            specimen.document = Extremes.largeDocument
            try await subject.make(specimen)
            // A unique index may have a limit; a kilobyte has to be possible.
            specimen.data = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
            try await subject.done(.upsert(specimen))
            try await subject.expect(
                subject.records(of: Specimen.self).withoutVersions == specimen.row, "they read back")
        },
        Clause("a value of any type can be unique, and null never is taken") { subject in
            var first = Specimen(UUID(number: 1))
            (first.number, first.instant, first.day) = (0.1 + 0.2, .max, .min)
            (first.identifier, first.data) = (UUID(number: 7), [0, 255])
            try await subject.make(first)
            for number in 2...3 { try await subject.make(Specimen(UUID(number: number))) }
            var same = first
            same.id = UUID(number: 9)
            try await subject.expectTaken(subject.commit(.insert(same)), 2, 5, 6, 7, 8)
            (same.number, same.day, same.data) = (0.3, CalendarDate(clamping: 0), [0])
            try await subject.expectTaken(subject.commit(.insert(same)), 5, 7)
            (same.instant, same.identifier) = (Timestamp(clamping: 253_402_300_799_999_998), UUID(number: 8))
            try await subject.make(same)
        },
    ]

    static let defaults: [Clause] = [
        Clause("a new record has its default, or null, where nothing was said") { subject in
            let preset = Preset.untouched("a", at: Subject.time)
            let insertion = Mutation(Preset.resource, .insert(try Preset.nothing(but: "a")))
            try await subject.expect(subject.done(insertion)[0].record.withoutVersions, preset.row, "the new record")
            try await subject.make(Preset.untouched("b", at: Subject.time))
            try await subject.expectRecords([preset, .untouched("b", at: Subject.time)])
        },
        Clause("an upsert that makes a record fills it as an insert does") { subject in
            let row = try Preset.nothing(but: "a")
            let upsert = Mutation(Preset.resource, .upsert(.string("a"), row))
            let written = try await subject.done(upsert)[0]
            let preset = Preset.untouched("a", at: Subject.time)
            try subject.expect(written.record.withoutVersions, preset.row, "the new record")
            try await subject.expectRecords([preset])
        },
        Clause("a default is for new records: a change keeps what it doesn't give") { subject in
            var preset = Preset.untouched("a", at: Subject.time)
            (preset.integer, preset.remark, preset.mood) = (1, "remark", .empty)
            try await subject.make(preset)
            preset.flag = false
            try await subject.done(.update(preset.key, .set(\Preset.flag, false)))
            try await subject.done(Mutation(Preset.resource, .upsert(preset.key, try Preset.nothing(but: "a"))))
            try await subject.expectRecords([preset])
        },
        Clause("a managed time is the transaction's: when the record was made, and when it was last changed") {
            subject in
            let (first, second, third) = (Timestamp.min, Timestamp(clamping: 1), Timestamp.max)
            var owner = Owner("a", at: first)
            try await subject.make(owner, at: first)
            (owner.name, owner.updatedAt) = ("new", second)
            let updated = try await subject.done(.update(owner.key, .set(\Owner.name, "new")), at: second)[0]
            try subject.expect(updated.record.withoutVersions, owner.row, "the updated record")
            (owner.name, owner.updatedAt) = ("newer", third)
            let upserted = try await subject.done(.upsert(owner), at: third)[0]
            try subject.expect(upserted.record.withoutVersions, owner.row, "the upserted record")
            try await subject.expectRecords([owner])
        },
        Clause("a change that changes nothing keeps the time of the last one") { subject in
            let owner = Owner("a")
            try await subject.make(owner)
            try await subject.done(.update(owner.key, .set(\Owner.name, owner.name)), at: .max)
            try await subject.done(.upsert(owner), at: .max)
            try await subject.expectRecords([owner])
        },
    ]
}

extension Specimen {
    /// Each sets some fields to extremes, with no two sets of one field alike.
    static let extremes: [@Sendable (inout Specimen) -> Void] = [
        setting(\.integer, Extremes.integers), setting(\.number, Extremes.numbers),
        setting(\.text, HostileText.all), setting(\.flag, [true, false]), setting(\.instant, Extremes.timestamps),
        setting(\.day, Extremes.dates), setting(\.identifier, Extremes.uuids), setting(\.data, Extremes.bytes),
        setting(\.document, Extremes.documents), setting(\.mood, Mood.allCases),
    ].flatMap { $0 }

    private static func setting<Value: Sendable>(
        _ path: any WritableKeyPath<Specimen, Value?> & Sendable, _ values: [Value]
    ) -> [@Sendable (inout Specimen) -> Void] {
        values.map { value in { $0[keyPath: path] = value } }
    }
}
