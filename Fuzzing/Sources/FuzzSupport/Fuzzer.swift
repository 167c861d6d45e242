import CLibFuzzer
import Glibc

/// Runs libFuzzer with this process's arguments.
public enum Fuzzer {
    /// Calls `target` with one input after the other, and ends the process.
    public static func run(_ target: @escaping @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt) -> Never {
        var (count, arguments) = (CommandLine.argc, CommandLine.unsafeArgv)
        // libFuzzer keeps the arguments as the optional pointers that C has.
        let status = withUnsafeMutablePointer(to: &arguments) { pointer in
            pointer.withMemoryRebound(to: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?.self, capacity: 1) {
                LLVMFuzzerRunDriver(&count, $0, target)
            }
        }
        exit(status)
    }

    /// Ends the process with a finding unless `holds`.
    public static func expect(
        _ holds: Bool, _ rule: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
    ) {
        guard !holds else { return }
        let message = Array("\n\(file):\(line): DOES NOT HOLD: \(rule())\n".utf8)
        _ = write(STDERR_FILENO, message, message.count)
        abort()
    }
}
