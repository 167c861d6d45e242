import Testing

@testable import PostgresStorage

/// What belongs to PostgreSQL's thread stops a debug build, as tests are, when another thread uses it.
@Suite struct ConfinementTests {
    @Test func `another thread can't open what is confined`() async {
        let exit = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let counter = try Counter()
            await counter.addOnThread()
            await counter.add()
        }
        #expect(Self.isOfConfinement(exit))
    }

    @Test func `a thread that has ended opens nothing any more`() async {
        let exit = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let counter = try Counter()
            await counter.addOnThread()
            await counter.thread.close()
            await counter.add()
        }
        #expect(Self.isOfConfinement(exit))
    }

    @Test func `another thread can't confine what it has itself`() async {
        let exit = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Confined(Count(), to: try Counter().thread)
        }
        #expect(Self.isOfConfinement(exit))
    }

    @Test func `another thread can't end what sleeps on the thread`() async {
        let exit = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            try Counter().thread.endSleep()
        }
        #expect(Self.isOfConfinement(exit))
    }

    @Test func `another thread can't take what was handed to the thread`() async {
        let exit = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Inbox<Int>(of: try Counter().thread, bound: 1).take()
        }
        #expect(Self.isOfConfinement(exit))
    }

    private static func isOfConfinement(_ exit: ExitTest.Result?) -> Bool {
        let output = String(decoding: exit?.standardErrorContent ?? [], as: UTF8.self)
        return output.contains("what belongs to PostgreSQL's thread is used by another thread")
    }

    @Test func `the thread opens what is confined to it, and goes on with it after a wait`() async throws {
        let counter = try Counter()
        await counter.addOnThread()
        await counter.addOnThread()
        await counter.onThread { #expect($0.value == 2 + 2) }
        await counter.thread.close()
    }
}

/// Counts on an ``EventThread``.
private struct Counter {
    let thread: EventThread
    private let count: Confined<Count>

    init() throws {
        thread = try EventThread()
        count = Confined(sending: Count(), to: thread)
        try thread.start()
    }

    func addOnThread() async {
        await onThread { [thread] count in
            count.value += 1
            await thread.sleep(until: .now + .milliseconds(1))
            // One task of the thread hands it to another.
            let confined = Confined(count, to: thread)
            await Task(executorPreference: thread) { await confined.withValue { $0.value += 1 } }.value
        }
    }

    func onThread(_ body: @escaping @Sendable (Count) async -> Void) async {
        await Task(executorPreference: thread) { [count] in await count.withValue(body) }.value
    }

    func add() async {
        await count.withValue { $0.value += 1 }
    }
}

private final class Count {
    var value = 0
}
