import Backends
import Foundation
import MartletKernel
import MartletModel
import MartletTesting
import Testing
import UsersModel

@Suite struct HookTests {
    @Test(arguments: Backend.all)
    func `a hook normalises what is written`(_ backend: Backend) async throws {
        let fixture = try await HookFixture(LowercaseAddresses(), on: backend)
        let ada = try await fixture.create("Ada", "ADA@Example.org")
        #expect(ada.email == "ada@example.org")
        #expect(try await fixture.patch(ada.id, nil, "Ada.L@EXAMPLE.org").email == "ada.l@example.org")
        #expect(try await fixture.patch(ada.id, "Ada L").email == "ada.l@example.org")
        await fixture.close()
    }

    @Test(arguments: Backend.all)
    func `what a hook has made of a record is checked again`(_ backend: Backend) async throws {
        struct Shortening: Hook {
            let resource = "users"
            func beforeWrite(_ write: inout ProposedWrite) { write.set("name", to: "") }
        }
        let fixture = try await HookFixture(Shortening(), on: backend)
        let problem = await #expect(throws: Problem.self) { try await fixture.create("Ada", "a@b.c") }
        #expect(problem?.errors.map(\.location) == [.pointer("#/name")])
        await fixture.close()
    }

    @Test(arguments: Backend.all)
    func `a hook refuses with errors at fields, wherever the record stands in the body`(_ backend: Backend) async throws
    {
        let fixture = try await HookFixture(FixedNames(), on: backend)
        let ada = try await fixture.create("Ada", "ada@example.org")
        let problem = await #expect(throws: Problem.self) { try await fixture.patch(ada.id, "Eve") }
        #expect(problem?.code == .validationFailed)
        #expect(problem?.errors == [FieldError(field: "name", .refused, "can't be changed")])
        #expect(try await fixture.patch(ada.id, "Ada", "other@example.org").email == "other@example.org")
        let mutation = Mutation(
            User.schema.resource, .update(.integer(ada.id), try fixture.row("Eve", nil, for: .patch)))
        let inBatch = await #expect(throws: Problem.self) {
            try await fixture.application.write(Write([mutation], .batch), .test)
        }
        #expect(inBatch?.errors.map(\.location) == [.pointer("#/operations/0/body/name")])
        await fixture.close()
    }

    @Test(arguments: Backend.all)
    func `a hook's refusal hides no reference to a record that isn't there`(_ backend: Backend) async throws {
        let folder = try TemporaryFolder()
        let storage = try await backend.storage(in: folder.path)
        let notes = try ResourceSchema(
            "notes",
            [
                FieldSchema("id", .integer, [.key(.generated)]),
                FieldSchema("author", .integer, isNullable: true, [.references("users")]),
                FieldSchema("name", .string), FieldSchema("reader", .integer, isNullable: true, [.references("users")]),
            ])
        let resources = [User.schema.resource, notes]
        try await storage.prepare(resources)
        let application = Application(resources: resources, storage: storage, hooks: [NamelessNotes()])
        let mutations = try ["Eve", "Ada", "Eve"].enumerated().map { index, name in
            var rows = RowBatch(width: notes.width)
            rows.appendAbsentRow()
            rows.set(row: 0, column: 2, to: name)
            if index < 2 {
                rows.set(row: 0, column: 1, to: .integer(7))
                rows.set(row: 0, column: 3, to: .integer(8))
            }
            return Mutation(notes, .insert(try ValidatedRow(rows, notes, for: .create)))
        }
        func problem(_ mutations: [Mutation]) async -> Problem? {
            await #expect(throws: Problem.self) { try await application.write(Write(mutations, .array), .test) }
        }
        #expect(
            await problem(mutations)?.errors.map(\.location)
                == [
                    "#/0/author", "#/0/name", "#/0/reader", "#/1/author", "#/1/reader", "#/2/name",
                ].map { .pointer($0) })
        #expect(await problem(Array(mutations.suffix(1)))?.detail == "Notes of Eve are not taken.")
        await storage.close()
    }

    @Test(arguments: Backend.all)
    func `hooks and the storage tell what is wrong with every record`(_ backend: Backend) async throws {
        let fixture = try await HookFixture(WithoutEve(), AuditTrail(), on: backend)
        for name in ["Ada", "Bob"] { _ = try await fixture.create(name, "\(name)@x.org") }
        func problem(_ records: [(name: String, email: String)]) async throws -> Problem? {
            let mutations = try records.map {
                Mutation(User.schema.resource, .insert(try fixture.row($0.name, $0.email, for: .create)))
            }
            return await #expect(throws: Problem.self) {
                try await fixture.application.write(Write(mutations, .array), .test)
            }
        }
        let refused = try await problem([("Eve", "e@x.org"), ("Carl", "c@x.org"), ("Eve", "d@x.org")])
        #expect(refused?.errors.map(\.location) == [.pointer("#/0/name"), .pointer("#/2/name")])
        let taken = try await problem([("A", "ada@X.org"), ("B", "free@x.org"), ("C", "bob@x.org")])
        #expect(taken?.code == .uniqueTaken)
        #expect(taken?.errors.map(\.location) == [.pointer("#/0/email"), .pointer("#/2/email")])
        #expect(try await fixture.audit == ["create Ada", "create Bob"])
        await fixture.close()
    }

    @Test(arguments: Backend.all)
    func `a hook adds a mutation, and both happen or neither`(_ backend: Backend) async throws {
        let fixture = try await HookFixture(AuditTrail(), on: backend)
        let ada = try await fixture.create("Ada", "ada@example.org")
        _ = try await fixture.patch(ada.id, "Ada L")
        await #expect(throws: Problem.self) { try await fixture.create("Eve", "ADA@example.org") }
        await #expect(throws: Problem.self) { try await fixture.patch(ada.id + 1, "Nobody") }
        _ = try await fixture.delete(ada.id)
        #expect(try await fixture.audit == ["create Ada", "change Ada L", "delete Ada L"])
        await fixture.close()
    }

    @Test(arguments: Backend.all)
    func `hooks observe what was committed, and nothing else`(_ backend: Backend) async throws {
        let observer = Observer()
        let fixture = try await HookFixture(observer, on: backend)
        let ada = try await fixture.create("Ada", "ada@example.org")
        await #expect(throws: Problem.self) { try await fixture.create("Eve", "ada@example.org") }
        _ = try await fixture.patch(ada.id, "Ada L")
        _ = try await fixture.delete(ada.id)
        #expect(
            observer.seen == [
                "before create -", "after create Ada", "before create -", "before change -", "after change Ada L",
                "before delete -", "after delete Ada L",
            ])
        await fixture.close()
    }

    @Test(arguments: Backend.all)
    func `a write that is repeated is answered before any hook, and observed once`(_ backend: Backend) async throws {
        let observer = Observer()
        let fixture = try await HookFixture(FixedNames(), observer, on: backend)
        let ada = try await fixture.create("Ada", "ada@example.org", key: "create")
        let again = try await fixture.create("Ada", "ada@example.org", key: "create")
        #expect(again == ada)
        #expect(observer.seen == ["before create -", "after create Ada"])
        await fixture.close()
    }

    @Test(arguments: Backend.all)
    func `a hook that needs the stored record runs again when it has changed meanwhile`(_ backend: Backend) async throws
    {
        let plain = try await HookFixture(on: backend)
        let ada = try await plain.create("Ada", "ada@example.org")
        let observer = Observer(needsStored: true) { run in
            if run <= 2 { _ = try await plain.patch(ada.id, "Change \(run)") }
        }
        let fixture = plain.with(observer)
        let result = try await fixture.patch(ada.id, nil, "new@example.org")
        #expect(result == User(id: ada.id, name: "Change 2", email: "new@example.org"))
        #expect(
            observer.seen == [
                "before change Ada", "before change Change 1", "before change Change 2", "after change Change 2",
            ])
        await plain.close()
    }

    @Test(arguments: Backend.all)
    func `that a client demands the record to be there doesn't keep hooks from running again`(_ backend: Backend)
        async throws
    {
        let plain = try await HookFixture(on: backend)
        let ada = try await plain.create("Ada", "ada@example.org")
        let observer = Observer(needsStored: true) { run in
            if run == 1 { _ = try await plain.patch(ada.id, "Changed") }
        }
        let fixture = plain.with(observer)
        let result = try await fixture.patch(ada.id, nil, "new@example.org", if: .present)
        #expect(result == User(id: ada.id, name: "Changed", email: "new@example.org"))
        #expect(observer.seen == ["before change Ada", "before change Changed", "after change Changed"])
        let missing = await #expect(throws: Problem.self) {
            try await fixture.patch(ada.id + 1, nil, "new@example.org", if: .present)
        }
        #expect(missing?.code == .notFound)
        await plain.close()
    }

    @Test(arguments: Backend.all)
    func `a hook is told no key that isn't known yet`(_ backend: Backend) async throws {
        struct KeyTeller: Hook {
            let resource = "users"
            func beforeWrite(_ write: inout ProposedWrite) {
                write.set("name", to: write.key?.description ?? "unknown")
            }
        }
        let fixture = try await HookFixture(KeyTeller(), on: backend)
        let schema = User.schema.resource
        let make = Mutation(schema, .insert(try fixture.row("Ada", "ada@example.org", for: .create)))
        let change = Mutation(
            schema, .update(.integer(0), try fixture.row("Eve", nil, for: .patch)),
            keyReference: ResultReference(mutation: 0, column: 0))
        let written = try await fixture.application.write(Write([make, change], .batch), .test)
        #expect(try User.schema.record(0, of: written[1].record).name == "unknown")
        await fixture.close()
    }

    @Test(arguments: Backend.all)
    func `a version that the client names is its own business: no hook runs again for it`(_ backend: Backend)
        async throws
    {
        let plain = try await HookFixture(on: backend)
        let ada = try await plain.create("Ada", "ada@example.org")
        let observer = Observer(needsStored: true) { _ in _ = try await plain.patch(ada.id, "Changed") }
        let fixture = plain.with(observer)
        let problem = await #expect(throws: Problem.self) {
            try await fixture.patch(ada.id, nil, "new@example.org", if: .version([1]))
        }
        #expect(problem?.code == .preconditionFailed)
        #expect(observer.seen == ["before change Ada"])
        await plain.close()
    }

    @Test(arguments: Backend.all)
    func `a record that isn't there is not found, whatever hooks there are`(_ backend: Backend) async throws {
        let observer = Observer(needsStored: true)
        let fixture = try await HookFixture(observer, on: backend)
        let problem = await #expect(throws: Problem.self) { try await fixture.patch(7, "Nobody") }
        #expect(problem?.code == .notFound)
        #expect(observer.seen == [])
        await fixture.close()
    }

    @Test(arguments: Backend.all)
    func `a record that changes all the time is given up, and nothing is written`(_ backend: Backend) async throws {
        let plain = try await HookFixture(on: backend)
        let ada = try await plain.create("Ada", "ada@example.org")
        let observer = Observer(needsStored: true) { run in _ = try await plain.patch(ada.id, "Change \(run)") }
        let fixture = plain.with(observer)
        let problem = await #expect(throws: Problem.self) { try await fixture.patch(ada.id, nil, "new@example.org") }
        #expect(problem?.code == .overloaded)
        #expect(problem?.retryAfter != nil)
        await plain.close()
    }

    @Test(arguments: ["normalise", "refuse", "add"])
    func `CONTRIBUTING shows these very hooks`(_ example: String) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let source = try String(contentsOf: root.appending(path: "Tests/HookTests/HookExamples.swift"), encoding: .utf8)
        let start = try #require(source.range(of: "// example: \(example)\n"))
        let end = try #require(source.range(of: "// end\n", range: start.upperBound..<source.endIndex))
        let guide = try String(contentsOf: root.appending(path: "CONTRIBUTING.md"), encoding: .utf8)
        #expect(guide.contains(source[start.upperBound..<end.lowerBound]))
    }
}

/// Takes no Eve.
private struct WithoutEve: Hook {
    let resource = "users"

    func beforeWrite(_ write: inout ProposedWrite) throws(Problem) {
        guard write[\User.name] == "Eve" else { return }
        throw .validationFailed([FieldError(field: "name", .refused, "can't be Eve")])
    }
}

/// Takes no notes of Eve, in words of its own.
private struct NamelessNotes: Hook {
    let resource = "notes"

    func beforeWrite(_ write: inout ProposedWrite) throws(Problem) {
        guard write.value("name") == "Eve" else { return }
        throw Problem(
            .validationFailed, "Notes of Eve are not taken.", errors: [FieldError(field: "name", .refused, "is Eve")])
    }
}
