/// A random sequence of reads and writes, done on two storages: whether they answer the same.
///
/// Resources have every type, key, constraint and delete rule; lists have every filter and order, and begin behind records
/// that are there, that were there, and that never were. Values are few and hostile, so that conflicts are frequent.
/// Records are named by the step that made them and versions by their order, whatever key and version each storage gave
/// them. One operation runs after the other: what happens at once is ``StorageContract``'s.
public struct RandomOperations: Sendable {
    /// Where the random numbers begin: the same seed and count make the same sequence.
    public let seed: UInt64
    private let count: Int

    /// As many operations as a sequence has unless it is said.
    public static let usualCount = 20_000

    /// A sequence of `count` operations. The last ones read all records.
    public init(seed: UInt64, count: Int = usualCount) {
        self.seed = seed
        self.count = count
    }

    /// Does the operations on a storage and on a reference beside it.
    /// - Parameters:
    ///   - makeStorage: makes a storage whose database is empty, each time another: a sequence that fails is run again
    ///     to shrink it.
    ///   - makeReference: makes what it is compared with.
    /// - Throws: ``Difference`` with the first answers that differ; what a storage throws when it is made or prepared.
    public func compare(
        _ makeStorage: @escaping StorageContract.Maker,
        with makeReference: @escaping StorageContract.Maker = { MemoryStorage() }
    ) async throws {
        let comparison = Comparison(makeStorage: makeStorage, makeReference: makeReference)
        guard let first = try await comparison.run(StepSequence(seed: seed, count: count)) else { return }
        let shrunk = try await comparison.shrink(first)
        throw Difference(seed: seed, count: count, first: first, shrunk: shrunk)
    }
}

extension RandomOperations {
    /// Two storages gave different answers to the same operation.
    public struct Difference: Error, CustomStringConvertible {
        /// The seed of the sequence.
        public let seed: UInt64
        /// The number of operations in the sequence.
        public let count: Int
        /// The operation whose answers differed, from 0.
        public var step: Int { first.steps.count - 1 }
        let first: Comparison.Failure
        let shrunk: Comparison.Failure

        /// The seed, the step, and the shortest sequence found that still fails.
        public var description: String {
            """
            step \(step) of \(count) with seed \(seed): \(first)
            The shortest sequence found that fails, of \(shrunk.steps.count) steps:
            \(shrunk.steps.map { "  \($0)" }.joined(separator: "\n"))
            \(shrunk)
            """
        }
    }
}
