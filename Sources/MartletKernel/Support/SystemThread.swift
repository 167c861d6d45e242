import Glibc

/// A thread of the operating system, for work that blocks or that must stay on one thread.
package enum SystemThread {
    /// Starts a thread that ends when `body` returns. What `body` captures goes over to that thread, and need not be `Sendable`.
    /// - Parameters:
    ///   - name: what `top -H` calls it, 15 bytes at the most.
    ///   - niceness: how far it stands back behind other threads where there are more of them than processors: 0 to 19.
    /// - Returns: false if the system has no thread left.
    package static func start(_ name: String, niceness: Int32 = 0, _ body: sending @escaping () -> Void) -> Bool {
        let box = Unmanaged.passRetained(Body(name: name, niceness: niceness, run: body))
        var thread = pthread_t()
        let failure = pthread_create(&thread, nil, enter, box.toOpaque())
        guard failure == 0 else {
            box.release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    private static let enter: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
        guard let context else { return nil }
        let body = Unmanaged<Body>.fromOpaque(context).takeRetainedValue()
        blockSignals()
        setName(body.name)
        // On Linux each thread has its own, and 0 is the one that calls (setpriority(2), "C library/kernel differences").
        if body.niceness > 0 { setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, body.niceness) }
        body.run()
        return nil
    }

    /// As pthread_setname_np(3) does it, which the Glibc module lacks.
    private static func setName(_ name: String) {
        let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        defer { close(file) }
        _ = Array(name.utf8.prefix(15)).withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
    }

    /// Signals go to the threads that wait for them.
    private static func blockSignals() {
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, nil)
    }

    private final class Body {
        let name: String
        let niceness: Int32
        let run: () -> Void

        init(name: String, niceness: Int32, run: @escaping () -> Void) {
            self.name = name
            self.niceness = niceness
            self.run = run
        }
    }
}
