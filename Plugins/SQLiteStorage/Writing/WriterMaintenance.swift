import CSQLite
import Logging
import MartletKernel

/// What the writer's thread does beside writing: recovery, the look at the files, checkpoints, the purge.
extension WriterThread {
    /// After an error that says something of the database or the disk: the connection is given up, as nothing that it
    /// remembers of the file may be true (a page that failed to sync can be gone, though it reads well:
    /// <https://wiki.postgresql.org/wiki/Fsync_Errors>).
    /// - Returns: what all of the batch are answered.
    func recover(from cause: SQLiteError, atCommit: Bool) -> StorageError {
        connection.rollBack()
        isBroken = true
        state.setHealth(.notReady(cause.description))
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
            try files.check()
            connection = try care.reopen()
            isBroken = false
        } catch {
            throw .unavailable(error.description)
        }
    }

    private func overwriteFailedCommit() throws(StorageError) {
        do throws(SQLiteError) {
            try connection.overwriteFailedCommit(care.synchronous)
            hasWritten()
        } catch {
            isBroken = true
            throw StorageError(error)
        }
    }

    /// When there is nothing to write.
    func runIdleMaintenance() {
        if let problem = files.problem() {
            state.setHealth(.notReady(problem.description))
            return saveLog(from: problem)
        }
        guard checkLog() else { return }
        if let problem = lookAtSchema() {
            state.setHealth(.notReady(problem))
        } else if !isHealthy {
            return probe()
        }
        if hasLog, .now - lastWrite >= care.idlePause { truncateWAL() }
        if isHealthy, hasIdempotencyEntries, .now >= nextPurge { purgeIdempotency() }
    }

    /// What another program has done to the tables, if anything.
    private func lookAtSchema() -> String? {
        guard !isBroken else { return nil }
        // An error of the database is met by the next write.
        do throws(SQLiteError) { try connection.checkSchema() } catch { return nil }
        return connection.schemaProblem
    }

    private func probe() {
        do throws(StorageError) {
            if isBroken { try reopen() }
            do throws(SQLiteError) {
                try connection.probe()
                hasWritten()
                state.setHealth(.ready)
            } catch let error where error.isLock {
                return
            } catch {
                isBroken = true
            }
        } catch {
            // No connection: the next pause ends with another attempt.
        }
    }
}

// MARK: - Files

extension WriterThread {
    /// - Throws: where what is written now would be lost.
    func checkFiles() throws(StorageError) {
        var problem = files.problem()
        if problem == nil, !isLogComplete() { problem = files.problem() }
        guard let problem else { return }
        state.setHealth(.notReady(problem.description))
        throw .unavailable(problem.description)
    }

    /// Whether the log has all that was written to it. Its file is shorter also after another process has emptied it by a
    /// checkpoint. A commit that changes nothing tells: in a log that was emptied it comes first.
    func checkLog() -> Bool {
        if files.isLogTruncated || files.isDamaged { return false }
        // In one that was deleted or replaced all is still there for this process.
        return files.problem() != nil || isLogComplete()
    }

    private func isLogComplete() -> Bool {
        guard !isBroken, files.isLogShorter(than: connection.logBytes) else { return true }
        do throws(SQLiteError) {
            if try connection.probeFindsEmptyLog() { return true }
        } catch let error where error.isLock {
            return true
        } catch {
            // Nobody can read it then.
        }
        files.logWasTruncated()
        if let problem = files.problem() { state.setHealth(.notReady(problem.description)) }
        return false
    }

    /// Brings what is in a log that has lost its name into the database, which still has its own.
    private func saveLog(from problem: DatabaseFileCheck.Problem) {
        guard case .log = problem, hasLog, !isBroken, !files.isLogTruncated else { return }
        truncateWAL()
        guard !hasLog else { return }
        care.logger.notice("what was in the deleted write-ahead log was saved to the database file")
    }
}

// MARK: - Checkpoints and the purge

extension WriterThread {
    /// Between two batches, so that what it makes wait is the next batch and not this one's answers.
    func checkpoint() {
        doCheckpoint { () throws(SQLiteError) in try connection.checkpoint() }
        reportLogSize()
    }

    /// A log is emptied once no reader needs what it has. Those of this server end at their deadlines, but one may begin before
    /// the other ends; those of other programs nobody can end from here. To refuse writes because of them would do more harm
    /// than a large log.
    private func reportLogSize() {
        let bytes = connection.logBytes
        guard bytes >= care.largeLog else {
            nextLogReport = 0
            return
        }
        guard bytes >= nextLogReport else { return }
        nextLogReport = bytes * 2
        care.logger.warning(
            """
            the write-ahead log grows: another program reads the database in a transaction that it doesn't end, or long \
            reads follow one another without a pause
            """,
            metadata: ["megabytes": "\(bytes >> 20)"])
    }

    private func truncateWAL() {
        doCheckpoint { () throws(SQLiteError) in hasLog = try !connection.emptyLog() }
    }

    private func doCheckpoint(_ body: () throws(SQLiteError) -> Void) {
        state.setActivity(.checkpointing)
        anchor.letGo()
        defer { anchor.moveOn() }
        care.waitForPresentReads()
        do throws(SQLiteError) {
            try body()
        } catch let error where error.isLock {
            return
        } catch {
            isBroken = true
            state.setHealth(.notReady("checkpoint: \(error.description)"))
        }
    }

    private func purgeIdempotency() {
        do throws(SQLiteError) {
            // Writes that came meanwhile go first.
            if try connection.purgeIdempotency(transactionClock) { return hasWritten() }
            hasWritten()
            hasIdempotencyEntries = try connection.hasIdempotencyEntries()
            nextPurge = .now + care.purgePause
        } catch let error where error.isLock {
            return
        } catch {
            isBroken = true
            state.setHealth(.notReady(error.description))
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
