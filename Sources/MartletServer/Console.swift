import Glibc

/// Where commands write: what was asked for, and what went wrong. Lines come without their end.
struct Console: Sendable {
    let output: @Sendable (String) -> Void
    let error: @Sendable (String) -> Void

    static let standard = Console(
        output: { write($0, to: STDOUT_FILENO) }, error: { write($0, to: STDERR_FILENO) })

    private static func write(_ text: String, to descriptor: CInt) {
        var bytes = Array(text.utf8) + [UInt8(ascii: "\n")]
        while !bytes.isEmpty {
            let count = Glibc.write(descriptor, bytes, bytes.count)
            if count < 0 && errno == EINTR { continue }
            // Nobody reads any more: nothing is left to tell.
            guard count > 0 else { return }
            bytes.removeFirst(count)
        }
    }
}
