import FoundationEssentials
import MartletKernel
import MartletModel

extension StorageContract {
    static let results: [Clause] = [
        Clause("a mutation takes values from the records of earlier ones") { subject in
            let written = try await subject.done(
                .insert(Folder("stem")), .insert(Owner("ada")),
                .insert(Folder("branch"), \.parent, from: ResultReference(mutation: 0, column: 0)),
                .insert(
                    Document(UUID(number: 1), title: "", in: 0), (\.folder, ResultReference(mutation: 2, column: 0)),
                    (\.owner, ResultReference(mutation: 1, column: 0)),
                    (\.title, ResultReference(mutation: 1, column: 1))))
            let stem = written[0].record[0, 0].integer
            let branch = written[2].record[0, 0].integer
            try subject.expect(stem == nil, false, "that the stem has no key")
            try subject.expect(written[2].record[0, 2].integer, stem, "the branch's parent")
            let document = Document(UUID(number: 1), title: "name", in: branch ?? 0, owner: "ada")
            try subject.expect(written[3].record.withoutVersions, document.row, "the document")
            try await subject.expectRecords([document])
        },
        Clause("a mutation changes the record that an earlier one has made") { subject in
            let key = ResultReference(mutation: 0, column: 0)
            let name = Assignment<Folder>.set(\.name, "renamed")
            let change = Mutation.Change.update(.integer(-1), try Assignment.validated([name]))
            let update = Mutation(Folder.resource, change, keyReference: key)
            let written = try await subject.done(.insert(Folder("one")), update)
            try subject.expect(written[1].record[0, 0].integer, written[0].record[0, 0].integer, "the key")
            try await subject.expect(subject.records(of: Folder.self), written[1].record, "all folders")
            let delete = Mutation(Folder.resource, .delete(.integer(-1)), keyReference: key)
            try await subject.done(.insert(Folder("two")), update, delete)
            try await subject.expect(subject.records(of: Folder.self), written[1].record, "all folders")
        },
        Clause("an upsert makes the record whose key an earlier one has") { subject in
            let upsert = try Mutation.upsert(Owner("nobody", name: "name"))
            let byName = Mutation(
                Owner.resource, upsert.change, keyReference: ResultReference(mutation: 0, column: 1))
            let written = try await subject.done(.insert(Owner("ada", name: "bob")), byName, byName)
            try subject.expect(written.map(\.isNew), [true, true, false], "which are new")
            try await subject.expectRecords([Owner("ada", name: "bob"), Owner("bob", name: "name")])
        },
        Clause("a value that its field doesn't take refuses the transaction, with the field's error") { subject in
            let insertion = try Mutation.insert(
                Folder("branch"), \.name, from: ResultReference(mutation: 0, column: 2))
            // The email, which is null.
            let result = try await subject.commit(.insert(Owner("ada")), insertion)
            guard case .refused(let refusals) = result, refusals.map(\.mutation) == [1],
                case .invalid(let errors) = refusals[0].reason
            else { throw subject.violation("the result", "an invalid value in mutation 1", result) }
            try subject.expect(errors.map(\.location), [.pointer("#/name")], "the places of the errors")
            let other = try Mutation.insert(Folder("branch"), \.parent, from: ResultReference(mutation: 0, column: 1))
            let ofText = try await subject.commit(.insert(Owner("ada")), other)
            guard case .refused(let refusals) = ofText, case .invalid? = refusals.first?.reason else {
                throw subject.violation("the result", "an invalid value", ofText)
            }
            try await subject.expectRecords([Owner](), "no owner")
        },
        Clause("a key that is none finds no record") { subject in
            let update = Mutation(
                Folder.resource, .update(.integer(1), try Assignment<Folder>.validated([.set(\.name, "new")])),
                keyReference: ResultReference(mutation: 0, column: 1))
            try await subject.expectRefused(
                subject.commit(.insert(Owner("ada")), update), mutation: 1, .notFound)
        },
        Clause("a value that is taken from a result meets uniqueness and references as any other") { subject in
            try await subject.make(Owner("ada", email: "taken"))
            let email = try Mutation.insert(Owner("bob"), \.email, from: ResultReference(mutation: 0, column: 1))
            try await subject.expectTaken(subject.commit(.insert(Entry("TAKEN")), email), mutation: 1, 2)
            let author = try Mutation.insert(Remark(1), \.author, from: ResultReference(mutation: 0, column: 1))
            try await subject.expectRefused(
                subject.commit(.insert(Entry("nobody")), author), mutation: 1, .referenceMissing([3]))
            try await subject.done(.insert(Entry("ada")), author)
        },
    ]
}

extension Mutation {
    static func insert<M: Model, Value>(
        _ record: M, _ path: KeyPath<M, Value>, from reference: ResultReference
    ) throws(Problem) -> Mutation {
        try insert(record, [M.column(path): reference])
    }

    fileprivate static func insert<M: Model, A, B, C>(
        _ record: M, _ first: (KeyPath<M, A>, ResultReference), _ second: (KeyPath<M, B>, ResultReference),
        _ third: (KeyPath<M, C>, ResultReference)
    ) throws(Problem) -> Mutation {
        try insert(
            record, [M.column(first.0): first.1, M.column(second.0): second.1, M.column(third.0): third.1])
    }

    /// Inserts a record with values that come from earlier ones.
    static func insert<M: Model>(
        _ record: M, _ references: [Int: ResultReference]
    ) throws(Problem) -> Mutation {
        let row = try record.insertion(taking: references)
        return Mutation(M.resource, .insert(row), references: references)
    }
}
