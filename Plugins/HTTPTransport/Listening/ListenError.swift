import Glibc

/// Why the server can't listen where it is told to.
struct ListenError: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ address: ListenAddress, _ reason: String) {
        description = "can't listen on \(address): \(reason)"
    }

    /// - Parameter code: of bind(2).
    init(_ address: ListenAddress, code: CInt) {
        let advice =
            switch code {
            case EADDRINUSE:
                "; another program listens there: end it, or take another port with --set transport.http.port=…"
            case EADDRNOTAVAIL: "; this machine doesn't have the address: transport.http.host names one of its own"
            case EACCES: "; ports below 1024 need a privilege: take another one with --set transport.http.port=…"
            default: ""
            }
        self.init(address, describe(code) + advice)
    }
}
