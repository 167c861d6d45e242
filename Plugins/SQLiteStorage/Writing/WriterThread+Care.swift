import CSQLite
import MartletKernel

/// What the writer's thread does beside writing: recovery and checkpoints.
extension WriterThread {
    /// After an error that says something of the database or the disk: the connection is given up, as nothing that it
    /// remembers of the file may be true (a page that failed to sync can be gone, though it reads well:
    /// <https://wiki.postgresql.org/wiki/Fsync_Errors>).
    /// - Returns: what all of the batch are answered.
    func recover(from cause: SQLiteError, atCommit: Bool) -> StorageError {
        connection.abandonBatch()
        isBroken = true
        setHealth(.notReady(cause.description))
        let isUncertain = atCommit && cause.mayHaveWrittenCommit
        do throws(StorageError) {
            try reopen()
            if isUncertain { try overwriteFailedCommit() }
        } catch {
            // The next batch tries again.
            if isUncertain { return .outcomeUnknown(cause.description) }
        }
        return StorageError(cause)
    }

    /// Another connection in place of the broken one. It is there before that one goes: the log's index lives as long as
    /// a connection to it, and without it a new connection would take a failed commit's pages for good ones.
    func reopen() throws(StorageError) {
        do throws(SQLiteError) {
            connection = try care.reopen()
            isBroken = false
        } catch {
            throw .unavailable(error.description)
        }
    }

    private func overwriteFailedCommit() throws(StorageError) {
        do throws(SQLiteError) {
            try connection.overwriteFailedCommit(care.synchronous)
            hasLog = true
        } catch {
            isBroken = true
            throw StorageError(error)
        }
    }

    /// When there is nothing to write.
    func lookAfterDatabase() {
        guard isHealthy else { return probe() }
        if hasLog { emptyLog() } else { purgeIdempotency() }
    }

    private func purgeIdempotency() {
        do throws(SQLiteError) {
            let count = try connection.purgeIdempotency(now: care.clock.now())
            if count > 0 { hasLog = true } else { hasIdempotencyEntries = try connection.hasIdempotencyEntries() }
        } catch let error where error.isLock {
            return
        } catch {
            isBroken = true
            setHealth(.notReady(error.description))
        }
    }

    private func probe() {
        do throws(StorageError) {
            if isBroken { try reopen() }
            do throws(SQLiteError) {
                try connection.probe()
                hasLog = true
                setHealth(.ready)
            } catch let error where error.isLock {
                return
            } catch {
                isBroken = true
            }
        } catch {
            // No connection: the next pause ends with another attempt.
        }
    }

    /// Between two batches, so that what it makes wait is the next batch and not this one's answers.
    func checkpoint() {
        doCheckpoint { () throws(SQLiteError) in try connection.checkpoint() }
    }

    private func emptyLog() {
        doCheckpoint { () throws(SQLiteError) in hasLog = try !connection.emptyLog() }
    }

    private func doCheckpoint(_ body: () throws(SQLiteError) -> Void) {
        anchor.letGo()
        defer { anchor.moveOn() }
        care.waitForPresentReads()
        do throws(SQLiteError) {
            try body()
        } catch let error where error.isLock {
            return
        } catch {
            isBroken = true
            setHealth(.notReady("checkpoint: \(error.description)"))
        }
    }
}

extension SQLiteError {
    /// A commit that failed so may lie in the log, complete. Its last page is written last, so where writing failed it
    /// isn't there; after that come the sync and the log's index.
    fileprivate var mayHaveWrittenCommit: Bool {
        primaryCode != SQLITE_FULL && code != MARTLET_SQLITE_IOERR_WRITE
    }
}
