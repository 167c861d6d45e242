/// Random bits, as a capability, so that tests can repeat them.
public struct RandomSource: Sendable {
    /// 64 independent bits.
    public let next: @Sendable () -> UInt64

    public init(next: @escaping @Sendable () -> UInt64) {
        self.next = next
    }

    public static let system = RandomSource {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }
}
