import Foundation

extension Backend {
    /// The names in the environment variable `MARTLET_TEST_BACKENDS`, with spaces or commas between: the databases that
    /// tests are to run on. Nil, for all, when it isn't set.
    public static let chosenNames: [String]? = ProcessInfo.processInfo.environment["MARTLET_TEST_BACKENDS"].map {
        $0.split { " ,".contains($0) }.map(String.init)
    }

    /// Whether tests are to run on the database with this name.
    public static func isChosen(_ name: String) -> Bool {
        chosenNames?.contains(name) ?? true
    }
}
