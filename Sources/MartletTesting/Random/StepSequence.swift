/// The steps of a random sequence, each drawn when it is needed: to draw one is as much work as to do it.
struct StepSequence: Sequence, IteratorProtocol {
    private var generator: StepGenerator
    private var left: Int
    /// The last ones read all records.
    private var ends = RandomResource.all.map { RandomStep.page($0, after: nil, limit: 1000) }

    init(seed: UInt64, count: Int) {
        generator = StepGenerator(seed: seed)
        left = count - ends.count
    }

    mutating func next() -> RandomStep? {
        left -= 1
        return left >= 0 ? generator.next() : ends.popLast()
    }
}
