import FoundationEssentials
import MartletKernel
import MartletModel

extension StorageContract {
    static let references: [Clause] = [
        Clause("a reference to no record is refused, and every such field is named") { subject in
            try await subject.make(Owner("ada"))
            let remark = Remark(1, author: "ada")
            try await subject.make(remark)
            let missing = Remark(2, on: UUID(number: 1), author: "Ada", approver: "ada", answers: 3, folder: 7)
            try await subject.expectRefused(subject.commit(.insert(missing)), .referenceMissing([2, 3, 5, 6]))
            let update = try Mutation.update(
                .integer(1), .set(\Remark.text, "new"), .set(\Remark.author, "ada"), .set(\Remark.approver, "a"),
                .set(\Remark.answers, 2))
            try await subject.expectRefused(subject.commit(update), .referenceMissing([4, 5]))
            try await subject.expectRecords([remark])
        },
        Clause("null refers to nothing, and a reference may be taken away") { subject in
            try await subject.make(Owner("ada"))
            try await subject.make(Remark(1, author: "ada"))
            try await subject.done(.update(.integer(1), .set(\Remark.author, nil)))
            try await subject.done(.delete(Owner.self, .string("ada")))
            try await subject.expectRecords([Remark(1)])
        },
        Clause("a reference is the key byte for byte") { subject in
            try await subject.make(Owner("\u{E9}"))
            for key in ["e\u{301}", "\u{C9}", "\u{E9} ", ""] {
                try await subject.expectRefused(
                    subject.commit(.insert(Remark(1, author: key))), .referenceMissing([3]))
            }
            try await subject.make(Remark(1, author: "\u{E9}"))
        },
        Clause("a record may refer to one that its transaction has made, and not to one that it has deleted") {
            subject in
            try await subject.done(.insert(Owner("ada")), .insert(Remark(1, author: "ada")))
            try await subject.expectRefused(
                subject.commit(.insert(Remark(2, author: "bob")), .insert(Owner("bob"))), .referenceMissing([3]))
            try await subject.make(Owner("bob"))
            try await subject.expectRefused(
                subject.commit(.delete(Owner.self, .string("bob")), .insert(Remark(2, author: "bob"))), mutation: 1,
                .referenceMissing([3]))
            try await subject.done(.delete(Remark.self, .integer(1)), .delete(Owner.self, .string("ada")))
        },
        Clause("a record may refer to itself, and go") { subject in
            let remark = Remark(1, answers: 1)
            try await subject.make(remark)
            // Beside a reference that fails, the one to itself is none of those that are named.
            try await subject.expectRefused(
                subject.commit(.insert(Remark(2, author: "nobody", answers: 2))), .referenceMissing([3]))
            try await subject.expectRefused(
                subject.commit(.update(.integer(1), .set(\Remark.author, "nobody"), .set(\Remark.answers, 1))),
                .referenceMissing([3]))
            try await subject.done(.delete(Remark.self, .integer(1)))
            let folder = try await subject.folder("one")
            try await subject.done(.update(.integer(folder), .set(\Folder.parent, folder)))
            try await subject.done(.delete(Folder.self, .integer(folder)))
            try await subject.expectRecords([Folder]())
        },
        Clause("missing records are told before taken values") { subject in
            try await subject.make(Owner("a", email: "a@example.org"))
            try await subject.make(Remark(1))
            try await subject.make(Remark(2))
            try await subject.expectRefused(
                subject.commit(.insert(Remark(1, author: "nobody"))), .referenceMissing([3]))
            let folder = try await subject.folder("one")
            try await subject.make(Document(UUID(number: 1), title: "t", in: folder))
            let document = Document(UUID(number: 2), title: "t", in: folder, owner: "nobody")
            let owner = Document.column(\.owner)
            try await subject.expectRefused(subject.commit(.insert(document)), .referenceMissing([owner]))
        },
    ]

    static let deleteRules: [Clause] = [
        Clause("what is referred to stays where the reference restricts, and every such field is named") { subject in
            let owners = [Owner("ada"), Owner("bob")]
            for owner in owners { try await subject.make(owner) }
            let remarks = [Remark(1, author: "ada"), Remark(2, approver: "ada"), Remark(3, author: "bob")]
            for remark in remarks { try await subject.make(remark) }
            let (author, approver) = (Self.referrer(\Remark.author), Self.referrer(\Remark.approver))
            let ada = Mutation.delete(Owner.self, .string("ada"))
            try await subject.expectRefused(subject.commit(ada), .stillReferenced([author, approver]))
            try await subject.expectRefused(
                subject.commit(.delete(Owner.self, .string("bob"))), .stillReferenced([author]))
            try await subject.expectRecords(owners)
            try await subject.expectRecords(remarks)
            try await subject.done(.delete(Remark.self, .integer(1)))
            try await subject.expectRefused(subject.commit(ada), .stillReferenced([approver]))
            try await subject.done(.delete(Remark.self, .integer(2)), ada)
        },
        Clause("what refers goes with what it refers to where the reference cascades, and so on") { subject in
            let (stem, other) = (try await subject.folder("stem"), try await subject.folder("other"))
            let branch = try await subject.folder("branch", in: stem)
            let twig = try await subject.folder("twig", in: branch)
            let kept = Document(UUID(number: 1), in: other)
            let documents = [kept, Document(UUID(number: 2), in: twig), Document(UUID(number: 3), in: stem)]
            for document in documents { try await subject.make(document) }
            try await subject.make(Remark(1, folder: twig))
            let deleted = try await subject.done(.delete(Folder.self, .integer(stem)))[0].record
            try subject.expect(deleted[0, 0].integer, stem, "the deleted folder's key")
            try await subject.expect(subject.keys(of: Folder.self), [.integer(other)], "the folders that are left")
            try await subject.expectRecords([kept])
            try await subject.expectRecords([Remark]())
        },
        Clause("a reference becomes null where it is said so, and its record gets a version and a time") { subject in
            let later = Timestamp(clamping: 99)
            try await subject.make(Owner("ada"))
            try await subject.make(Owner("bob"))
            let folder = try await subject.folder("one")
            var both = Document(UUID(number: 1), title: "both", in: folder, owner: "ada", reviewer: "ada")
            var one = Document(UUID(number: 2), title: "one", in: folder, owner: "bob", reviewer: "ada")
            let none = Document(UUID(number: 3), title: "none", in: folder, owner: "bob")
            var versions: [Int64] = []
            for document in [both, one, none] { versions.append(try await subject.make(document).version) }
            let deleted = try await subject.done(.delete(Owner.self, .string("ada")), at: later)[0].record
            (both.owner, both.reviewer, both.updatedAt) = (nil, nil, later)
            (one.reviewer, one.updatedAt) = (nil, later)
            try await subject.expectRecords([both, one, none])
            let new = try await subject.records(of: Document.self).versions
            let newest = max(deleted.version, versions[2])
            try subject.expect(new[0] > newest && new[1] > newest, "\(new) are newer than \(versions)")
            try subject.expect(new[2], versions[2], "the version of a document that didn't change")
        },
        Clause("a stale version of a record whose reference became null is refused") { subject in
            try await subject.make(Owner("ada"))
            let id = UUID(number: 1)
            let document = try await subject.make(Document(id, in: subject.folder("one"), owner: "ada"))
            try await subject.done(.delete(Owner.self, .string("ada")))
            try await subject.expectRefused(
                subject.commit(.update(.uuid(id), .set(\Document.title, "new"), if: .version([document.version]))),
                .preconditionFailed)
        },
        Clause("a restricting reference to what would go along keeps all of it") { subject in
            let stem = try await subject.folder("stem")
            let branch = try await subject.folder("branch", in: stem)
            let id = UUID(number: 1)
            let document = Document(id, in: branch)
            try await subject.make(Owner("ada"))
            try await subject.make(document)
            try await subject.make(Remark(1, on: id, author: "ada"))
            try await subject.make(Remark(2, answers: 1, folder: branch))
            let delete = Mutation.delete(Folder.self, .integer(stem))
            try await subject.expectRefused(
                subject.commit(delete), .stillReferenced([Self.referrer(\Remark.document)]))
            try await subject.expect(subject.keys(of: Folder.self), [.integer(stem), .integer(branch)], "the folders")
            try await subject.expectRecords([document])
            try await subject.expectRecords([Remark(1, on: id, author: "ada"), Remark(2, answers: 1, folder: branch)])
            try await subject.done(.delete(Remark.self, .integer(2)), .delete(Remark.self, .integer(1)), delete)
        },
        Clause("a restricting reference of what goes along itself keeps nothing") { subject in
            let folder = try await subject.folder("one")
            let id = UUID(number: 1)
            try await subject.make(Document(id, in: folder))
            try await subject.make(Remark(1, on: id, folder: folder))
            try await subject.make(Remark(2, on: id, answers: 1, folder: folder))
            // This one stays, and alone is in the way.
            try await subject.make(Remark(3, answers: 2))
            let delete = Mutation.delete(Folder.self, .integer(folder))
            try await subject.expectRefused(
                subject.commit(delete), .stillReferenced([Self.referrer(\Remark.answers)]))
            try await subject.done(.delete(Remark.self, .integer(3)))
            try await subject.done(delete)
            try await subject.expectRecords([Remark]())
        },
        Clause("referring fields are named in the order of their resources' names and of their schemas") { subject in
            let folder = try await subject.folder("one")
            let id = UUID(number: 1)
            try await subject.make(Owner("ada"))
            try await subject.make(Document(id, in: folder))
            try await subject.make(Remark(2, on: id, folder: folder))
            try await subject.make(Remark(1, on: id, answers: 2))
            let delete = Mutation.delete(Folder.self, .integer(folder))
            let expected = [Self.referrer(\Remark.document), Self.referrer(\Remark.answers)]
            try await subject.expectRefused(subject.commit(delete), .stillReferenced(expected))
        },
        Clause("while a record is deleted and others come that refer to it, none is left without it") { subject in
            for round in 0..<5 {
                try await subject.done(.upsert(Owner("ada")))
                let results = try await subject.atOnce(24) { number in
                    number == 12
                        ? try await subject.commit(.delete(Owner.self, .string("ada")))
                        : try await subject.commit(.insert(Remark(Int64(round * 100 + number), author: "ada")))
                }
                let isDeleted = !results[12].records.isEmpty
                let made = results.enumerated().filter { $0.offset != 12 && !$0.element.records.isEmpty }
                try subject.expect(!isDeleted || made.isEmpty, "the owner is gone, and \(made.count) refer to it")
                for (number, _) in made {
                    try await subject.done(.delete(Remark.self, .integer(Int64(round * 100 + number))))
                }
            }
        },
    ]

    private static func referrer<M: Model, Value>(_ path: KeyPath<M, Value>) -> Refusal.Referrer {
        Refusal.Referrer(resource: M.resource.name, field: M.resource.fields[M.column(path)].name)
    }
}
