/// A read that never ends, of what was committed last: it halves the cost of every short read.
///
/// A read takes one of five locks in the log's index, by what it sees, with one system call to get it and one to give it
/// back. SQLite leaves both out while another connection of the process has the same lock
/// (<https://www.sqlite.org/walformat.html>, 2.3; `unixShmLock`), and this one has it nearly always. Reads that meet it
/// out of date are right all the same, only slower.
///
/// It would hold every checkpoint back, so the writer's thread, which makes them, owns it and lets go before.
final class ReadAnchor {
    private let connection: Connection
    private let read: Statement

    init(path: String, vfs: String?) throws(SQLiteError) {
        connection = try Connection(.reader, path: path, vfs: vfs)
        // Stepped once, it stays where it is: there is a table.
        read = try Statement("SELECT 1 FROM sqlite_schema", on: connection)
    }

    /// Holds what is committed now.
    func moveOn() {
        read.reset()
        // Without it all goes on as well.
        _ = try? read.step()
    }

    func letGo() {
        read.reset()
    }

    func close() {
        connection.close()
    }
}
