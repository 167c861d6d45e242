/// Waits for files to change, by looking at them again and again.
///
/// A look is a few stat(2), and works on every file system: inotify(7) sees nothing of what other machines write to a
/// shared one, and follows inodes, where editors replace files.
struct FileWatch: Sendable {
    private(set) var paths: [String]
    /// What was last acted upon.
    private var known: FileSnapshot

    /// - Parameter paths: of files, and of folders, of which the `*.yaml` files count.
    init(_ paths: [String]) {
        self.paths = paths
        known = FileSnapshot(of: paths)
    }

    /// Watches these instead. A change, since the last one acted upon, of those watched already isn't missed.
    mutating func follow(_ paths: [String]) {
        self.paths = paths
        known = FileSnapshot(of: paths, unlessIn: known)
    }

    /// Waits until files have changed, and then been the same for two looks: editors write in several steps.
    /// - Parameter interval: from look to look.
    /// - Parameter isOver: ends the wait.
    /// - Returns: the files that have changed; nil when the task is cancelled, or the wait is over.
    mutating func change(every interval: Duration, unless isOver: () -> Bool = { false }) async -> [String]? {
        var seen = known
        while (try? await Task.sleep(for: interval)) != nil, !isOver() {
            let now = FileSnapshot(of: paths)
            if now != known && now == seen {
                defer { known = now }
                return now.changes(since: known)
            }
            seen = now
        }
        return nil
    }
}
