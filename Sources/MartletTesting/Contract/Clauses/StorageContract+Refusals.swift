import MartletKernel
import MartletModel

extension StorageContract {
    static let refusals: [Clause] = [
        Clause("every taken value, missing record and broken reference of a transaction is told") { subject in
            for owner in [Owner("a", email: "a"), Owner("b", email: "b")] { try await subject.make(owner) }
            let result = try await subject.commit(
                .insert(Owner("c", email: "A")), .insert(Owner("d", email: "d")), .insert(Owner("e", email: "B")),
                .insert(Remark(1, author: "x", approver: "y")), .insert(Remark(2, author: "d")),
                .insert(Remark(3, answers: 9)), .delete(Owner.self, .string("z")),
                .update(.string("a"), .set(\Owner.name, "new"), if: .version([1 << 60])))
            try subject.expectRefused(
                result, (0, .uniqueTaken([2])), (2, .uniqueTaken([2])), (3, .referenceMissing([3, 4])),
                (5, .referenceMissing([5])), (6, .notFound), (7, .preconditionFailed))
            try await subject.expectRecords([Owner("a", email: "a"), Owner("b", email: "b")])
            try await subject.expectRecords([Remark]())
        },
        Clause("of equal values in one transaction the first is free and the others are taken") { subject in
            let result = try await subject.commit(
                .insert(Owner("a", email: "e")), .insert(Owner("b", email: "E")), .insert(Owner("a", email: "f")),
                .insert(Owner("c", email: "f")), .insert(Owner("d", email: "e")))
            try subject.expectRefused(
                result, (1, .uniqueTaken([2])), (2, .uniqueTaken([0])), (4, .uniqueTaken([2])))
            try await subject.expectRecords([Owner]())
        },
        Clause("a refused mutation has no effect on those after it") { subject in
            try await subject.make(Owner("ada", email: "e"))
            try await subject.make(Owner("bob"))
            try await subject.make(Remark(1, author: "ada"))
            let author = Refusal.Referrer(resource: "remarks", field: "author")
            let result = try await subject.commit(
                // Refused, so its author stays and its name is free.
                .delete(Owner.self, .string("ada")), .insert(Remark(2, author: "ada")),
                .update(.string("bob"), .set(\Owner.name, "taken"), .set(\Owner.email, "E")),
                .update(.string("bob"), .set(\Owner.email, "f")), .insert(Owner("c", email: "F")))
            try subject.expectRefused(
                result, (0, .stillReferenced([author])), (2, .uniqueTaken([2])), (4, .uniqueTaken([2])))
            try await subject.expectRecords([Remark(1, author: "ada")])
        },
        Clause("a deletion that a refused one stands in the way of changes nothing else") { subject in
            let folder = try await subject.folder("one")
            try await subject.make(Owner("ada"))
            try await subject.make(Document(.init(number: 1), in: folder, owner: "ada"))
            try await subject.make(Remark(1, on: .init(number: 1)))
            let document = Refusal.Referrer(resource: "remarks", field: "document")
            let result = try await subject.commit(
                .delete(Folder.self, .integer(folder)), .delete(Owner.self, .string("ada")),
                .delete(Folder.self, .integer(folder)))
            try subject.expectRefused(
                result, (0, .stillReferenced([document])), (2, .stillReferenced([document])))
            try await subject.expectRecords([Document(.init(number: 1), in: folder, owner: "ada")])
        },
        Clause("what only follows from a refusal is not told") { subject in
            try await subject.make(Owner("ada", email: "taken"))
            let result = try await subject.commit(
                .insert(Owner("bob", email: "taken")), .insert(Remark(1, author: "bob")),
                .insert(Remark(2, author: "bob", approver: "nobody")), .insert(Remark(3, answers: 1)),
                .update(.string("bob"), .set(\Owner.name, "new")), .delete(Owner.self, .string("bob")),
                .insert(Remark(4), \.author, from: ResultReference(mutation: 0, column: 0)),
                .insert(Remark(5), \.answers, from: ResultReference(mutation: 6, column: 0)),
                .insert(Owner("carl", email: "TAKEN")))
            try subject.expectRefused(
                result, (0, .uniqueTaken([2])), (2, .referenceMissing([4])), (8, .uniqueTaken([2])))
        },
        Clause("a hundred refusals and one are told, and no more") { subject in
            try await subject.make(Owner("ada"))
            let result = try await subject.commit((0..<150).map { _ in try .insert(Owner("ada")) })
            try subject.expect(
                result, .refused((0..<101).map { Refusal(mutation: $0, .uniqueTaken([0])) }), "the result")
        },
    ]

    static let bounds: [Clause] = [
        Clause("the records of a transaction have no more bytes than it allows, copied values among them") { subject in
            let copies = try (0..<5).map { number in
                try Mutation.insert(Owner("\(number)"), \.name, from: ResultReference(mutation: 0, column: 1))
            }
            let result = try await subject.commit(
                [.insert(Entry(String(repeating: "x", count: 4000)))] + copies, maxBytes: 13_000)
            try subject.expectRefused(result, mutation: 3, .tooLarge(maxBytes: 13_000))
            try await subject.expectRecords([Owner]())
            try await subject.expect(
                subject.commit([.insert(Entry("small"))] + copies, maxBytes: 13_000).written.count, 6, "records")
        },
        Clause("the same holds for new records, after the refusals of those before") { subject in
            try await subject.make(Owner("0"))
            let result = try await subject.commit(
                (0..<9).map { try .insert(Owner("\($0)", name: String(repeating: "x", count: 4000))) },
                maxBytes: 13_000)
            try subject.expectRefused(result, (0, .uniqueTaken([0])), (3, .tooLarge(maxBytes: 13_000)))
            try await subject.expectRecords([Owner("0")])
        },
        Clause("a record counts as often as a transaction changes or deletes it, but alone it may have any size") {
            subject in
            let text = String(repeating: "x", count: 4000)
            let result = try await subject.commit([.insert(Owner("ada", name: text))], maxBytes: 100)
            guard case .committed = result else { throw subject.violation("the result", "a commit", result) }
            let update = try Mutation.update(.string("ada"), .set(\Owner.email, "new"))
            let delete = Mutation.delete(Owner.self, .string("ada"))
            try await subject.expectRefused(
                subject.commit([update, update, update, delete], maxBytes: 13_000), mutation: 3,
                .tooLarge(maxBytes: 13_000))
            try await subject.expectRefused(
                subject.commit([update, delete], maxBytes: 6_000), mutation: 1, .tooLarge(maxBytes: 6_000))
            try await subject.done(update, delete)
        },
    ]
}
