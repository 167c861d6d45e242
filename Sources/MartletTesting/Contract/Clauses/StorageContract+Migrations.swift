import MartletKernel
import MartletModel

extension StorageContract {
    static let evolution: [Clause] = Evolution.pairs.map { old, new in
        .reopening("version \(old) of some schemas becomes version \(new), with every record") { database in
            var records = try EvolvingRecords(version: old)
            let versions = try await database.open(records.resources) { subject in
                try await records.insert(from: 0...old, into: subject)
                try await records.useUpKey(in: subject)
                try await records.expect(in: subject)
                return try await subject.versions(of: records.resources[0])
            }
            try records.change(to: new)
            try await database.open(records.resources) { subject in
                try await records.expect(in: subject)
                try await subject.expect(
                    subject.versions(of: records.resources[0]), versions, "the versions of the records")
                try await records.insert(from: old + 1...new, into: subject)
                try await records.expect(in: subject)
            }
            try await database.expectFits(records.resources)
        }
    }
}

extension StorageContract {
    static let misfits: [Clause] =
        MisfittingVersion.all.map { version in
            .reopening("a migration is refused that \(version.name) stands against, and changes nothing") { database in
                try await database.fill()
                for mode in [Migration.Mode.lossless, .destructive] {
                    let refusal = try await database.refusal(of: version.schemas(), mode)
                    for part in version.parts {
                        let says = "the refusal says \"\(part)\""
                        guard refusal.contains(part) else { throw ContractViolation("\(says)\n  got: \(refusal)") }
                    }
                }
                try await database.expectUnchanged()
            }
        }
        + MisfittingVersion.all.map { version in
            .reopening("without records nothing stands against a migration: \(version.name)") { database in
                try await database.open(MisfittingVersion.before()) { _ in }
                _ = try await database.migrate(to: version.schemas(), .destructive)
                try await database.expectFits(version.schemas())
                try await database.open(version.schemas()) { _ in }
            }
        }

    static let losses: [Clause] = [
        .reopening("a field that is gone is dropped only when that is allowed, and then it alone") { database in
            try await database.fill()
            let schemas = try MisfittingVersion.withoutSize()
            let refusal = try await database.refusal(of: schemas, .lossless)
            guard refusal.contains("size"), refusal.contains("--allow-destructive"), refusal.contains("--plan") else {
                throw ContractViolation("the refusal names the column and the way out\n  got: \(refusal)")
            }
            try await database.expectUnchanged()
            let migration = try await database.migrate(to: schemas, .destructive)
            guard migration.changes.contains(where: { $0.losesData && $0.summary.contains("size") }) else {
                throw ContractViolation("the migration tells the loss\n  got: \(migration)")
            }
            try await database.open(schemas) { subject in
                let kept = MisfittingVersion.stored().map { fields in fields.filter { $0.key != "size" } }
                try await subject.expect(subject.fields(of: schemas[0]), kept, "the records")
                let key = try await subject.insert(["name": "new"], into: schemas[0])
                try subject.expect(key, .integer(5), "the key of the next record")
            }
        },
        .reopening("a field of another type begins anew, when that is allowed") { database in
            try await database.fill()
            let size = try FieldSchema("size", .string, [.default("medium"), .length(1...9)])
            let schemas = try [
                MisfittingVersion.things([], size: size), ResourceSchema("boxes", [MisfittingVersion.key]),
            ]
            _ = try await database.refusal(of: schemas, .lossless)
            try await database.expectUnchanged()
            _ = try await database.migrate(to: schemas, .destructive)
            try await database.open(schemas) { subject in
                let stored = MisfittingVersion.stored().map { $0.merging(["size": "medium"]) { _, new in new } }
                try await subject.expect(subject.fields(of: schemas[0]), stored, "the records")
            }
        },
        .reopening("a plan tells what would be done, and does nothing") { database in
            try await database.fill()
            let schemas = try [MisfittingVersion.things([FieldSchema("new", .integer, [.default(1)])])]
            let dropping = try MisfittingVersion.withoutSize()
            for (schemas, column, loses) in [(schemas, "new", false), (dropping, "size", true)] {
                let plan = try await database.migrate(to: schemas, .plan)
                guard plan.changes.contains(where: { $0.summary.contains(column) && $0.losesData == loses }),
                    plan.script.contains(column), plan.script.contains("LOSES DATA") == loses
                else { throw ContractViolation("the plan names \(column)\n  got: \(plan.script)") }
                try await database.expectUnchanged()
            }
        },
        .reopening("what is sent again after a migration is answered with the fields of now") {
            database in
            let key = Idempotency(scope: "key", fingerprint: 1)
            let fields: [String: JSONValue] = ["name": "one", "size": 1, "tag": "a"]
            let before = try MisfittingVersion.before()
            try await database.open(before) { subject in
                _ = try await subject.commit([subject.mutation(fields, before[0])], key)
            }
            let things = try MisfittingVersion.things([FieldSchema("rank", .integer, [.default(7)])])
            try await database.open([things, before[1]]) { subject in
                let again = try await subject.commit([subject.mutation(fields, things)], key)
                guard case .replayed(let written) = again else {
                    throw subject.violation("the result", "a replay", again)
                }
                let list = Query.List(order: things.totalOrder([]), limit: 10)
                let stored = try await subject.storage.rows(for: Query(things, .list(list)), .test)
                try subject.expect(written.map(\.record), [stored], "the record")
            }
        },
        .reopening("the records of a resource that is not served are there when it is again") { database in
            try await database.fill()
            try await database.open([ResourceSchema("boxes", [MisfittingVersion.key])]) { _ in }
            try await database.expectUnchanged()
        },
    ]
}
