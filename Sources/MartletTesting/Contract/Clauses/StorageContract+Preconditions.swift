import MartletKernel
import MartletModel

extension StorageContract {
    static let preconditions: [Clause] = [
        Clause("a change of the version that was meant is done") { subject in
            let ada = Key.string("ada")
            var version = try await subject.make(Owner("ada")).version
            let update = try Mutation.update(ada, .set(\Owner.name, "new"), if: .version([version]))
            version = try await subject.done(update)[0].record.version
            let upsert = try Mutation.upsert(Owner("ada", name: "newer"), if: .version([version]))
            version = try await subject.done(upsert)[0].record.version
            version = try await subject.done(.update(ada, .set(\Owner.name, "newest"), if: .present))[0].record.version
            try await subject.done(.delete(Owner.self, ada, if: .version([version])))
            try await subject.expectRecords([Owner](), "no record")
        },
        Clause("a change of another version is refused, and nothing is changed") { subject in
            let key = Key.string("a")
            let old = try await subject.make(Owner("a")).version
            let current = try await subject.done(.update(key, .set(\Owner.name, "new")))[0].record
            for version in [old, current.version + 1, current.version - 1, 0, -1, .max, .min] {
                for mutation in try [
                    Mutation.update(key, .set(\Owner.name, "newer"), if: .version([version])),
                    // Also where there is nothing to change.
                    .update(key, .set(\Owner.name, "new"), if: .version([version])),
                    .untouched(Owner.self, key, if: .version([version])),
                    .upsert(Owner("a", name: "newer"), if: .version([version])),
                    .delete(Owner.self, key, if: .version([version])),
                ] {
                    try await subject.expectRefused(subject.commit(mutation), .preconditionFailed)
                }
            }
            try await subject.expect(subject.records(of: Owner.self), current, "the record")
        },
        Clause("a change of a version of a record that isn't there finds no record") { subject in
            let version = try await subject.make(Owner("a")).version
            for precondition in [Precondition.version([version]), .version([]), .version([1, 2]), .present, .absent] {
                let update = try Mutation.update(.string("b"), .set(\Owner.name, "new"), if: precondition)
                try await subject.expectRefused(subject.commit(update), .notFound)
                let delete = Mutation.delete(Owner.self, .string("b"), if: precondition)
                try await subject.expectRefused(subject.commit(delete), .notFound)
            }
        },
        Clause("of several versions one has to be the record's, and of none none is") { subject in
            let key = Key.string("a")
            let version = try await subject.make(Owner("a")).version
            for versions in [[], [version + 1, version + 2], [0, version - 1, .max]] {
                for mutation in try [
                    Mutation.update(key, .set(\Owner.name, "new"), if: .version(versions)),
                    .upsert(Owner("a", name: "new"), if: .version(versions)),
                    .delete(Owner.self, key, if: .version(versions)),
                ] {
                    try await subject.expectRefused(subject.commit(mutation), .preconditionFailed)
                }
            }
            let several = Precondition.version([0, version - 1, version, .max])
            let next = try await subject.done(.update(key, .set(\Owner.name, "new"), if: several))[0].record.version
            try await subject.expectRefused(subject.commit(.delete(Owner.self, key, if: several)), .preconditionFailed)
            try await subject.done(.delete(Owner.self, key, if: .version([version, next])))
        },
        Clause("a record that is to be absent can be neither updated nor deleted") { subject in
            let owner = try await subject.make(Owner("a"))
            let update = try Mutation.update(.string("a"), .set(\Owner.name, "new"), if: .absent)
            try await subject.expectRefused(subject.commit(update), .preconditionFailed)
            let delete = Mutation.delete(Owner.self, .string("a"), if: .absent)
            try await subject.expectRefused(subject.commit(delete), .preconditionFailed)
            try await subject.expect(subject.records(of: Owner.self), owner, "the record")
        },
        Clause("the version that a row names is a precondition too") { subject in
            let owner = try await subject.make(Owner("a"))
            for (version, isDone) in [(owner.version + 1, false), (owner.version, true)] {
                var rows = RowBatch(width: Owner.resource.width)
                rows.appendAbsentRow()
                rows.set(row: 0, column: 1, to: "new")
                rows.set(row: 0, column: Owner.resource.versionIndex, to: .integer(version))
                let row = try ValidatedRow(rows, Owner.resource, for: .patch)
                let result = try await subject.commit(Mutation(Owner.resource, .update(.string("a"), row)))
                if isDone {
                    try subject.expect(result.records.count, 1, "records")
                } else {
                    try subject.expectRefused(result, .preconditionFailed)
                }
            }
        },
        Clause("a precondition is judged before uniqueness and references") { subject in
            try await subject.make(Owner("a", email: "a@example.org"))
            try await subject.make(Owner("b", email: "b@example.org"))
            try await subject.make(Remark(1, author: "a"))
            for mutation in try [
                Mutation.update(.string("b"), .set(\Owner.email, "a@example.org"), if: .version([-1])),
                .update(.string("b"), .set(\Owner.email, "a@example.org"), if: .version([-1, -2])),
                .upsert(Owner("b", email: "a@example.org"), if: .version([-1])),
                .upsert(Owner("b", email: "a@example.org"), if: .absent),
                .upsert(Owner("c", email: "a@example.org"), if: .version([-1])),
                .update(.integer(1), .set(\Remark.author, "nobody"), if: .version([-1])),
                .delete(Owner.self, .string("a"), if: .version([-1])),
            ] {
                try await subject.expectRefused(subject.commit(mutation), .preconditionFailed)
            }
        },
        Clause("a precondition sees what the same transaction did before") { subject in
            let version = try await subject.make(Owner("a")).version
            let update = try Mutation.update(.string("a"), .set(\Owner.name, "new"), if: .version([version]))
            let delete = Mutation.delete(Owner.self, .string("a"), if: .version([version]))
            try await subject.expectRefused(subject.commit(update, delete), mutation: 1, .preconditionFailed)
            try await subject.expectRefused(
                subject.commit(.delete(Owner.self, .string("a")), update), mutation: 1, .notFound)
            try await subject.done(
                .delete(Owner.self, .string("a"), if: .version([version])), .upsert(Owner("a"), if: .absent))
        },
        Clause("of many changes at once that name the same version, one is done") { subject in
            for round in 0..<3 {
                let version = try await subject.done(.upsert(Owner("a", name: "round \(round)")))[0].record.version
                let results = try await subject.atOnce(40) { number in
                    number % 4 == 0
                        ? try await subject.commit(.delete(Owner.self, .string("a"), if: .version([version])))
                        : try await subject.commit(
                            .update(.string("a"), .set(\Owner.name, "\(number)"), if: .version([version])))
                }
                try subject.expect(results.count { !$0.records.isEmpty }, 1, "changes that were done")
            }
        },
        Clause("a counter that is read and written back with its version loses no count") { subject in
            let id = try await subject.insert(Item("counter")).id
            _ = try await subject.atOnce(4) { _ in
                var (counted, tries) = (0, 0)
                while counted < 10 {
                    tries += 1
                    try subject.expect(tries < 1000, "the version that was read is some time the record's")
                    let record = try await subject.record(of: Item.self, .integer(id))
                    let next = (record[0, 2].integer ?? 0) + 1
                    let result = try await subject.commit(
                        .update(.integer(id), .set(\Item.order, next), if: .version([record.version])))
                    if !result.records.isEmpty { counted += 1 }
                }
            }
            try await subject.expect(subject.read(id)[0, 2].integer, 40, "the count")
        },
    ]
}
