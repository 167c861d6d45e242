import Glibc

/// Reads a whole text file.
/// - Parameter limit: in bytes; a longer file is an error.
func readTextFile(_ path: String, limit: Int) throws(FileError) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    while bytes.count <= limit {
        var chunk = [UInt8](repeating: 0, count: 16384)
        let count = read(descriptor, &chunk, chunk.count)
        if count < 0 && errno == EINTR { continue }
        guard count >= 0 else { throw FileError(errno) }
        guard count > 0 else {
            guard let text = String(validating: bytes, as: UTF8.self) else { throw FileError("is not UTF-8") }
            return text
        }
        bytes += chunk[..<count]
    }
    throw FileError("is larger than \(ByteCount(limit).text)")
}

/// Why a file can't be read.
struct FileError: Error, Equatable {
    /// Completes "`/etc/martlet.yaml` …".
    let description: String

    init(_ description: String) {
        self.description = description
    }

    init(_ code: CInt) {
        description = "can't be read: \(String(cString: strerror(code)))"
    }
}
