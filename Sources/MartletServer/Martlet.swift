import ArgumentParser
import Glibc
public import MartletKernel
// `timespec` is this module's or Glibc's, depending on which the compiler happens to load first.
import SwiftOverlayShims
import UnixSignals

/// The command line of a server, for any list of plugins. A program's `main.swift` is one line:
///
/// ```swift
/// await Martlet.main([HTTPTransport.self, SQLiteStorage.self, BooksResource.self])
/// ```
///
/// The list is all that can be loaded; the configuration chooses from it.
public struct Martlet: Sendable {
    public static let version = "0.1.0"

    let plugins: [any Plugin.Type]
    let console: Console
    let environment: [String: String]
    /// The configuration file that is used when none is named.
    let standardFile: String?
    /// A file that can only be meant as that one, and isn't read because of its name.
    let misnamedFile: String?
    /// A file that may be meant for `--config`.
    let likelyFile: String?
    /// Where a server's log goes.
    let logDescriptor: CInt
    let signals: @Sendable () async -> any Signals
    /// Ends the process with a status, at once.
    let end: @Sendable (CInt) -> Void
    /// How often watched files are looked at.
    let watchInterval: Duration

    init(
        _ plugins: [any Plugin.Type], console: Console = .standard,
        environment: [String: String] = ConfigurationSources.processEnvironment,
        standardFile: String? = ConfigurationSources.standardFile,
        misnamedFile: String? = ConfigurationSources.misnamedStandardFile,
        likelyFile: String? = ConfigurationSources.likelyFile, logDescriptor: CInt = Console.standardError,
        signals: @escaping @Sendable () async -> any Signals = {
            await UnixSignalsSequence(trapping: Self.signalsToStop)
        },
        end: @escaping @Sendable (CInt) -> Void = { _exit($0) }, watchInterval: Duration = .milliseconds(250)
    ) {
        self.plugins = plugins
        self.console = console
        self.environment = environment
        self.standardFile = standardFile
        self.misnamedFile = misnamedFile
        self.likelyFile = likelyFile
        self.logDescriptor = logDescriptor
        self.signals = signals
        self.end = end
        self.watchInterval = watchInterval
    }

    /// SIGHUP is what a server gets when its terminal closes. nohup(1) has it ignored before the start, which stays so.
    private static var signalsToStop: [UnixSignal] {
        var action = sigaction()
        sigaction(SIGHUP, nil, &action)
        // Functions can't be compared: SIG_IGN is the address 1.
        let isIgnored =
            unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
        return isIgnored ? [.sigterm, .sigint] : [.sigterm, .sigint, .sighup]
    }

    /// Does what the process's arguments ask for, and ends it with a status of sysexits.h.
    public static func main(_ plugins: [any Plugin.Type]) async -> Never {
        // A reader of the log or a client that goes away is an error of that write, not the end of the server.
        signal(SIGPIPE, SIG_IGN)
        // Nothing is done for these. By default each ends the process at once: one that logrotate sends, say.
        for number in [SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM] { signal(number, SIG_IGN) }
        Console.openMissing()
        let arguments = CommandLine.arguments
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        if let obstacle = obstacle(arguments: arguments, monotonicTime: time.tv_sec) {
            Console.standard.error(obstacle)
            exit(ExitStatus.unavailable.rawValue)
        }
        exit(await Martlet(plugins).run(Array(arguments.dropFirst())))
    }

    /// What the system must give to every process, and some sandboxes don't.
    static func obstacle(arguments: [String], monotonicTime: Int) -> String? {
        // The first is the program's own name. Swift reads them from /proc/self/cmdline, and finds none without it.
        guard !arguments.isEmpty else {
            return "the arguments can't be read: mount /proc, from which Swift reads them"
        }
        // It counts from a time in the past (clock_gettime(2)), and SwiftNIO takes no negative one.
        guard monotonicTime >= 0 else {
            return "the monotonic clock is negative: no deadline can be kept by it. What replaces the clock, such as "
                + "libfaketime, has to leave it as it is (FAKETIME_DONT_FAKE_MONOTONIC=1)"
        }
        return nil
    }

    /// - Returns: the exit status.
    func run(_ arguments: [String]) async -> CInt {
        do {
            if let name = arguments.first, let error = RootCommand.unknownCommand(name) {
                console.error(error)
                return ExitStatus.usage.rawValue
            }
            var command = try RootCommand.parseAsRoot(arguments)
            if let command = command as? any Command {
                try await command.run(in: self)
            } else {
                try command.run()
            }
            return ExitStatus.success.rawValue
        } catch {
            return report(error).rawValue
        }
    }

    private func report(_ error: any Error) -> ExitStatus {
        switch error {
        case let error as ConfigurationError:
            console.error(withoutCredentials("\(error)"))
            return .configuration
        case let error as KernelError:
            console.error(withoutCredentials("\(error)"))
            return ExitStatus(error.kind)
        case let error as LoggedError:
            return ExitStatus(error.kind)
        case let error as WiringError:
            console.error(withoutCredentials("\(error)"))
            return .bug
        case let error as CommandError:
            console.error(withoutCredentials("\(error)"))
            return .configuration
        default:
            // What remains are the parser's own: requests for help, and arguments that aren't right.
            let message = RootCommand.fullMessage(for: error)
            guard RootCommand.exitCode(for: error).isSuccess else {
                console.error(withoutCredentials(message))
                return error is CancellationError ? .bug : .usage
            }
            console.output(message)
            return .success
        }
    }
}

/// The signals that a process gets, as they come.
typealias Signals = AsyncSequence<UnixSignal, Never> & Sendable

/// Why a command can't do its work with the configuration that there is.
struct CommandError: Error, CustomStringConvertible {
    let description: String
}
