import FaultyVFS
import Foundation
import Testing

/// A disk that fails when it is told to: a VFS of SQLite under a name of its own.
///
/// `@unchecked Sendable`: the C functions behind it use atomics and a lock.
struct FaultyDisk: @unchecked Sendable {
    /// Result codes of SQLite.
    enum Code {
        static let full: Int32 = 13
        static let ioError: Int32 = 10
        static let writeError: Int32 = 10 | 3 << 8
        static let syncError: Int32 = 10 | 4 << 8
        static let indexSizeError: Int32 = 10 | 19 << 8
        static let cannotOpen: Int32 = 14
    }

    let name = "faulty-\(UUID().uuidString)"
    private let vfs: OpaquePointer

    init() throws {
        vfs = try #require(faulty_vfs_register(name))
    }

    func fail(_ call: faulty_call, _ code: Int32) { faulty_vfs_fail(vfs, call, code) }
    func repair(_ call: faulty_call) { faulty_vfs_fail(vfs, call, 0) }
    func count(_ call: faulty_call) -> Int { faulty_vfs_count(vfs, call) }
    func holdSyncs() { faulty_vfs_hold_syncs(vfs) }
    func releaseSyncs() { faulty_vfs_release_syncs(vfs) }
}
