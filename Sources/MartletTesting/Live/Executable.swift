import Foundation

/// The program to be tested.
public enum Executable {
    /// The path of `martlet`: what the environment variable `MARTLET_EXECUTABLE` says, else the one that was built beside this test.
    /// - Throws: ``LiveServerError`` when there is none.
    public static var martlet: String {
        get throws(LiveServerError) {
            if let path = ProcessInfo.processInfo.environment["MARTLET_EXECUTABLE"] { return path }
            let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            let path = tests.deletingLastPathComponent().appendingPathComponent("martlet").path
            guard FileManager.default.isExecutableFile(atPath: path) else {
                throw LiveServerError("\(path) is not there: build it, or name another in MARTLET_EXECUTABLE")
            }
            return path
        }
    }
}
