import MartletKernel

/// How a command ended, in the numbers of sysexits.h.
enum ExitStatus: CInt {
    case success = 0
    /// The command line is wrong.
    case usage = 64
    /// The storage or the listen address can't be had.
    case unavailable = 69
    /// A bug, in Martlet or in a plugin.
    case bug = 70
    /// Standard output takes no more: the disk is full, say.
    case output = 74
    /// The configuration is wrong.
    case configuration = 78

    init(_ kind: KernelError.Kind) {
        self =
            switch kind {
            case .configuration: .configuration
            case .unavailable: .unavailable
            case .bug: .bug
            }
    }
}
