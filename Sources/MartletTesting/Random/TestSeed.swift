import Foundation

/// Where a test's random numbers begin.
public enum TestSeed {
    /// What the environment variable `MARTLET_TEST_SEED` says, in decimal, else a new one. It is printed, so that a failure can be repeated.
    /// - Parameter test: names what draws the numbers.
    public static func forRun(of test: String) -> UInt64 {
        let given = ProcessInfo.processInfo.environment["MARTLET_TEST_SEED"].flatMap { UInt64($0) }
        let seed = given ?? .random(in: .min ... .max)
        print("\(test): MARTLET_TEST_SEED=\(seed)")
        return seed
    }
}
