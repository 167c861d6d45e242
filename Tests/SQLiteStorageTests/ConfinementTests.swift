import Glibc
import MartletKernel
import MartletModel
import MartletTesting
import Testing

@testable import SQLiteStorage

/// A reader is its borrower's alone. Debug builds, as tests are, check it.
@Suite struct ConfinementTests {
    @Test func `a reader that is lent to one thread can't be used by another`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("martlet.db")
        let exit = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            [path = path as String] in
            let pool = try Self.pool(path)
            guard let reader = try? pool.take() else { return }
            await Self.onAnotherThread { Self.read(with: reader) }
        }
        #expect(Self.output(of: exit).contains("is used by another thread"))
    }

    @Test func `a reader is given back by whom it was lent to`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("martlet.db")
        let exit = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            [path = path as String] in
            let pool = try Self.pool(path)
            guard let reader = try? pool.take() else { return }
            await Self.onAnotherThread { pool.giveBack(reader) }
        }
        #expect(Self.output(of: exit).contains("is given back by another thread"))
    }

    @Test func `it goes from one thread to another through the pool`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("martlet.db")
        await #expect(processExitsWith: .success) { [path = path as String] in
            let pool = try Self.pool(path)
            for _ in 0..<2 {
                await Self.onAnotherThread {
                    guard let reader = try? pool.take() else { return }
                    Self.read(with: reader)
                    pool.giveBack(reader)
                }
            }
        }
    }

    private static func output(of exit: ExitTest.Result?) -> String {
        String(decoding: exit?.standardErrorContent ?? [], as: UTF8.self)
    }

    private static func pool(_ path: String) throws -> ReaderPool {
        fclose(fopen(path, "w"))
        let synchronous = SQLiteDatabase.Options(path: path).synchronous
        let catalog = Catalog([])
        let schema = try SchemaSnapshot(
            catalog, on: Connection(.writer(synchronous), path: path, vfs: nil))
        let pool = ReaderPool(bound: 1)
        try pool.start { slot throws(SQLiteError) in
            try Reader(
                slot: slot, path: path, vfs: nil, catalog: catalog, schema: schema, limit: .instructions(1000))
        }
        return pool
    }

    private static func read(with reader: Reader) {
        // An error: nothing was prepared. What counts is who asks.
        _ = try? reader.rows(for: Query(Note.resource, .key(.integer(1))))
    }

    private static func onAnotherThread(_ body: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            _ = SystemThread.start("other") {
                body()
                continuation.resume()
            }
        }
    }
}
