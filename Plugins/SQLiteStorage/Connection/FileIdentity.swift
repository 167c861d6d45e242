import Glibc

/// Which file a path leads to, whatever its name.
struct FileIdentity: Hashable {
    let device: UInt64
    let inode: UInt64

    init?(of path: String) {
        guard let status = Self.status(of: path) else { return nil }
        self.init(status)
    }

    init?(of descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    init(_ status: stat) {
        (device, inode) = (UInt64(status.st_dev), UInt64(status.st_ino))
    }

    static func status(of path: String) -> stat? {
        var status = stat()
        return stat(path, &status) == 0 ? status : nil
    }
}
