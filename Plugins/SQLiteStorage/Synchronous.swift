public import MartletKernel

/// When a commit is safe against a loss of power. Against the death of the process alone it always is.
public enum Synchronous: String, Sendable {
    /// The log is on the disk before a write is answered.
    case full
    /// The log reaches the disk at checkpoints: the last writes that were answered may be lost with the power. The
    /// database stays whole (<https://www.sqlite.org/pragma.html#pragma_synchronous>).
    case normal
}

extension Synchronous: SettingValue {
    public static var typeName: String { "full or normal" }

    public init?(text: String) {
        self.init(rawValue: text)
    }

    public var text: String { rawValue }
}
