import Foundation
import Glibc

/// Whom a server runs as that refuses to run as root.
struct UnprivilegedUser {
    private let name: String
    private let user: uid_t
    private let group: gid_t

    /// `postgres`, which comes with Debian's package, else `nobody`. Nil when the tests don't run as root: no need then.
    init?() {
        guard geteuid() == 0, let entry = getpwnam("postgres") ?? getpwnam("nobody") else { return nil }
        (user, group) = (entry.pointee.pw_uid, entry.pointee.pw_gid)
        name = String(cString: entry.pointee.pw_name)
    }

    /// What stands before a command that is to run as this user. `setpriv` becomes the command, and so keeps its
    /// process id; it is in util-linux, which every Debian has.
    var prefix: [String] { ["setpriv", "--reuid=\(user)", "--regid=\(group)", "--clear-groups"] }

    /// Gives it a file or folder.
    func own(_ path: String) throws(LiveServerError) {
        guard chown(path, user, group) == 0 else {
            throw LiveServerError("\(path) can't be given to \(name): \(String(cString: strerror(errno)))")
        }
    }

    /// Whether it may go into a folder, and all the way there.
    func mayEnter(_ folder: String) -> Bool {
        var url = URL(fileURLWithPath: folder).standardized
        while true {
            var info = stat()
            guard stat(url.path, &info) == 0 else { return false }
            let isOpen = info.st_mode & S_IXOTH != 0 || info.st_uid == user && info.st_mode & S_IXUSR != 0
            if !isOpen { return false }
            if url.path == "/" { return true }
            url.deleteLastPathComponent()
        }
    }
}
