import Testing

@testable import MartletKernel

@Suite struct ThreadOwnershipTests {
    @Test func `one thread owns it until it gives it back`() async {
        let owned = Owned()
        let isOwnFirst = owned.ownership.isCurrentThread
        #expect(!isOwnFirst)
        let answers = await onThread {
            let own = [
                owned.ownership.release(), owned.ownership.claim(), owned.ownership.isCurrentThread,
                owned.ownership.claim(),
            ]
            // While this one is there, none has its number.
            let others = BoundedQueue<[Bool]>(bound: 1)
            _ = SystemThread.start("other") {
                let ownership = [
                    owned.ownership.isCurrentThread, owned.ownership.claim(), owned.ownership.release(),
                ]
                _ = others.offer(ownership)
            }
            guard case .elements(let taken) = others.take(atMost: 1) else { return [] }
            return own + taken.joined() + [owned.ownership.release(), owned.ownership.isCurrentThread]
        }
        #expect(answers == [false, true, true, false] + [false, false, false] + [true, false])
    }

    private func onThread(_ body: @escaping @Sendable () -> [Bool]) async -> [Bool] {
        await withCheckedContinuation { continuation in
            let isStarted = SystemThread.start("owner") { continuation.resume(returning: body()) }
            if !isStarted { continuation.resume(returning: []) }
        }
    }
}

private final class Owned: Sendable {
    let ownership = ThreadOwnership()
}
