import Testing

@testable import HTTPTransport

/// How the limit on open files and the limit on connections go together.
struct DescriptorLimitTests {
    @Test func `the soft limit is raised to what connections need, and no further`() {
        let limit = DescriptorLimit(connections: 10_000, soft: 1024, hard: 20_000)
        #expect((limit.connections, limit.limit) == (10_000, 10_256))
        let enough = DescriptorLimit(connections: 100, soft: 1024, hard: 20_000)
        #expect((enough.connections, enough.limit) == (100, 1024))
        let endless = DescriptorLimit(connections: 1_000_000, soft: .max, hard: .max)
        #expect((endless.connections, endless.limit) == (1_000_000, .max))
    }

    @Test func `where the hard limit is too low, there are fewer connections and some descriptors stay`() {
        let low = DescriptorLimit(connections: 10_000, soft: 1024, hard: 4096)
        #expect((low.connections, low.limit) == (3840, 4096))
        let lower = DescriptorLimit(connections: 10_000, soft: 256, hard: 256)
        #expect((lower.connections, lower.limit) == (192, 256))
        let lowest = DescriptorLimit(connections: 10, soft: 1, hard: 1)
        #expect((lowest.connections, lowest.limit) == (1, 1))
    }
}
