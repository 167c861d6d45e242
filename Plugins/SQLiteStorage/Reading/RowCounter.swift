import CSQLite

/// Counts the records that statements look at, those that don't say so by themselves: SQLite counts only full scans
/// (`SQLITE_STMTSTATUS_FULLSCAN_STEP`), not what is left of an index's range when further conditions are judged. It
/// costs about 100 ns for each.
///
/// At each it looks at the clock, too: a pattern that is looked for in a long text is one instruction to SQLite, by whose
/// number alone the deadline would come late.
final class RowCounter {
    /// What such a statement calls for each record.
    static let function = "martlet_visit"

    private struct State {
        var rows = 0
        let deadline: UnsafePointer<ReadDeadline>
    }

    /// Where SQLite's callback finds it.
    private let state: UnsafeMutablePointer<State>

    /// It has to live as long as the connection is open.
    init(on connection: Connection, until deadline: UnsafePointer<ReadDeadline>) throws(SQLiteError) {
        state = .allocate(capacity: 1)
        state.initialize(to: State(deadline: deadline))
        try connection.check(
            sqlite3_create_function_v2(
                connection.handle, Self.function, 1, SQLITE_UTF8, state, Self.visit, nil, nil, nil))
    }

    deinit {
        state.deallocate()
    }

    var rows: Int {
        get { state.pointee.rows }
        set { state.pointee.rows = newValue }
    }

    private static let visit: @convention(c) (OpaquePointer?, Int32, UnsafeMutablePointer<OpaquePointer?>?) -> Void = {
        context, _, _ in
        guard let state = sqlite3_user_data(context)?.assumingMemoryBound(to: State.self) else { return }
        state.pointee.rows += 1
        if state.pointee.deadline.pointee.hasPassed {
            sqlite3_result_error_code(context, SQLITE_INTERRUPT)
        } else {
            sqlite3_result_int(context, 1)
        }
    }
}
