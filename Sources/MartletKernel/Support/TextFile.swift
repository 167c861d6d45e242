import Glibc

/// Reads a whole text file, without a byte order mark (YAML 1.2.2, section 5.2).
/// - Parameter limit: in bytes; a longer file is an error.
package func readTextFile(_ path: String, limit: Int) throws(FileError) -> String {
    let bytes = try readFile(path, limit: limit)
    guard !(bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])) else {
        throw FileError("is UTF-16: save it as UTF-8")
    }
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let content = bytes.starts(with: mark) ? bytes[mark.count...] : bytes[...]
    guard let text = String(validating: content, as: UTF8.self) else { throw FileError("is not UTF-8") }
    return text
}

/// Reads a whole regular file. Nothing else is opened: a named pipe or a device has no end, and can wait forever.
/// - Parameter limit: in bytes; a longer file is an error.
package func readFile(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
    var status = stat()
    guard stat(path, &status) == 0 else { throw FileError(errno) }
    try checkKind(status)
    // Another file may take its place meanwhile: so it is opened without waiting, and looked at once more.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(errno) }
    defer { close(descriptor) }
    guard fstat(descriptor, &status) == 0 else { throw FileError(errno) }
    try checkKind(status)
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16384)
    while bytes.count <= limit, Int(status.st_size) <= limit {
        let count = read(descriptor, &chunk, chunk.count)
        if count < 0 && errno == EINTR { continue }
        guard count >= 0 else { throw FileError(errno) }
        guard count > 0 else { return bytes }
        bytes += chunk[..<count]
    }
    throw FileError("is larger than \(ByteCount(limit).text)")
}

private func checkKind(_ status: stat) throws(FileError) {
    let kind: String
    switch status.st_mode & S_IFMT {
    case S_IFREG: return
    case S_IFDIR: kind = "a folder"
    case S_IFIFO: kind = "a named pipe"
    case S_IFSOCK: kind = "a socket"
    default: kind = "a device"
    }
    throw FileError("is \(kind), not a file")
}

/// Why a file can't be read.
package struct FileError: Error, Equatable {
    /// Completes "`/etc/martlet.yaml` …".
    package let description: String

    init(_ description: String) {
        self.description = description
    }

    init(_ code: CInt) {
        description = "can't be read: \(String(cString: strerror(code)))"
    }
}
