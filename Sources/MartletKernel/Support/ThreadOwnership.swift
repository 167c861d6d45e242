import Glibc
import Synchronization

/// Which thread owns something: for checks that no other one uses it.
package struct ThreadOwnership: ~Copyable, Sendable {
    /// 0 if none does.
    private let thread = Atomic<UInt>(0)

    package init() {}

    package var isCurrentThread: Bool { thread.load(ordering: .relaxed) == Self.current }

    /// The calling thread owns it from now on.
    /// - Returns: false if another one does.
    package func claim() -> Bool {
        thread.compareExchange(expected: 0, desired: Self.current, ordering: .relaxed).exchanged
    }

    /// - Returns: false if it isn't the calling thread's.
    package func release() -> Bool {
        thread.compareExchange(expected: Self.current, desired: 0, ordering: .relaxed).exchanged
    }

    private static var current: UInt { UInt(pthread_self()) }
}
