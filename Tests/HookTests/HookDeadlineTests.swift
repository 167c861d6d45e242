import Backends
import MartletKernel
import MartletModel
import MartletTesting
import Synchronization
import Testing
import UsersModel

@Suite struct HookDeadlineTests {
    @Test(arguments: Backend.all)
    func `a hook that never ends is given up, and nothing is written`(_ backend: Backend) async throws {
        let fixture = try await HookFixture(StuckHook(before: true), on: backend, hookTimeout: .milliseconds(50))
        let problem = await #expect(throws: Problem.self) { try await fixture.create("Ada", "ada@example.org") }
        #expect(problem?.code == .unavailable)
        #expect(problem?.retryAfter != nil)
        #expect(problem?.cause == "the hooks of users took longer than application.hookTimeout, 50ms")
        let users = try await fixture.storage.rows(
            for: Query(User.schema.resource, .page(after: nil, limit: 10)), .test)
        #expect(users.isEmpty)
        await fixture.close()
    }

    @Test(arguments: Backend.all)
    func `a hook that never ends after the commit holds no answer`(_ backend: Backend) async throws {
        let fixture = try await HookFixture(StuckHook(before: false), on: backend, hookTimeout: .milliseconds(50))
        #expect(try await fixture.create("Ada", "ada@example.org").name == "Ada")
        await fixture.close()
    }
}

/// Doesn't heed cancellation either, as code that waits for something outside may not.
private struct StuckHook: Hook {
    let resource = "users"
    let before: Bool

    func beforeWrite(_ write: inout ProposedWrite) async throws(Problem) {
        if before { await wait() }
    }

    func afterCommit(_ write: CommittedWrite) async {
        if !before { await wait() }
    }

    private func wait() async {
        await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
    }
}
