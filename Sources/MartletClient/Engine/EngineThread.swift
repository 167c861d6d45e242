import CCurl
import Glibc

/// Starts a detached thread that no signal of the process is delivered to. What `body` captures goes over to it.
///
/// libcurl is told not to touch signals (CURLOPT_NOSIGNAL), which leaves SIGPIPE to the application: here it stays
/// blocked, and a write to a closed socket just fails. The signals of a crash are left alone.
///
/// - Returns: 0, or `pthread_create`'s error.
func startThread(named name: String, _ body: sending @escaping () -> Void) -> Int32 {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))

    var blocked = sigset_t()
    sigfillset(&blocked)
    for signal in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT] { sigdelset(&blocked, signal) }
    var previous = sigset_t()
    // A thread inherits its creator's mask, so there is no moment in which it has another.
    pthread_sigmask(SIG_SETMASK, &blocked, &previous)
    defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }

    let box = Unmanaged.passRetained(ThreadBody(name, body))
    var thread = pthread_t()
    let status = pthread_create(&thread, &attributes, runThread, box.toOpaque())
    if status != 0 { box.release() }
    return status
}

private final class ThreadBody {
    let name: String
    let run: () -> Void

    init(_ name: String, _ run: @escaping () -> Void) {
        self.name = name
        self.run = run
    }
}

private func runThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let body = Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue()
    curl_shim_name_thread(body.name)
    body.run()
    return nil
}
