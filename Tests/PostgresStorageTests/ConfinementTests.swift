import Testing

@testable import PostgresStorage

/// What belongs to PostgreSQL's thread stops a debug build, as tests are, when another thread uses it.
@Suite struct ConfinementTests {
    @Test func `another thread can't end what sleeps on the thread`() async {
        let exit = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let thread = try EventThread()
            try thread.start()
            thread.endSleep()
        }
        #expect(Self.isOfConfinement(exit))
    }

    private static func isOfConfinement(_ exit: ExitTest.Result?) -> Bool {
        let output = String(decoding: exit?.standardErrorContent ?? [], as: UTF8.self)
        return output.contains("what belongs to PostgreSQL's thread is used by another thread")
    }
}
