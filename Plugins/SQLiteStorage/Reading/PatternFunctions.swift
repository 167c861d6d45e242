import CSQLite

/// Evaluates `LIKE` and `GLOB` as SQLite's own functions do, and ends a read between two calls at its deadline.
///
/// A call is one instruction of SQLite's machine, and takes time by the product of both lengths: 0.2 s for a text of 1 MB.
/// A record may be compared with 50 patterns, so a look at the clock at each record, or every so many instructions, is too late.
final class PatternFunctions {
    private typealias Function = @convention(c) (OpaquePointer?, Int32, UnsafeMutablePointer<OpaquePointer?>?) -> Void

    private struct State {
        /// Bytes of patterns times bytes of texts, since the last look at the clock.
        var work = 0
        let deadline: UnsafePointer<ReadDeadline>
    }

    /// The clock is looked at after so much work, which takes up to 10 ms.
    private static let maxWork = 4 << 20

    /// Where SQLite's callbacks find it.
    private let state: UnsafeMutablePointer<State>

    /// It has to live as long as the connection is open.
    init(on connection: Connection, until deadline: UnsafePointer<ReadDeadline>) throws(SQLiteError) {
        state = .allocate(capacity: 1)
        state.initialize(to: State(deadline: deadline))
        for (name, parameters, function) in [("glob", 2, Self.glob), ("like", 3, Self.like)] {
            // Indexes of other programs may use them: as SQLite's own they are deterministic, and harmless in a schema.
            try connection.check(
                sqlite3_create_function_v2(
                    connection.handle, name, Int32(parameters), SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS,
                    state, function, nil, nil, nil))
        }
    }

    deinit {
        state.deallocate()
    }

    private static let glob: Function = { context, _, arguments in
        evaluate(context, arguments) { sqlite3_strglob($0, $1) }
    }

    private static let like: Function = { context, _, arguments in
        evaluate(context, arguments) { sqlite3_strlike($0, $1, UInt32(UInt8(ascii: "\\"))) }
    }

    /// - Parameter compare: gets the pattern and the text, and returns 0 if they match.
    private static func evaluate(
        _ context: OpaquePointer?, _ arguments: UnsafeMutablePointer<OpaquePointer?>?,
        _ compare: (UnsafePointer<UInt8>, UnsafePointer<UInt8>) -> Int32
    ) {
        // Without a result it is null, as it has to be where one of them is.
        guard let state = sqlite3_user_data(context)?.assumingMemoryBound(to: State.self), let arguments,
            let pattern = sqlite3_value_text(arguments[0]), let text = sqlite3_value_text(arguments[1])
        else { return }
        state.pointee.work += Int(sqlite3_value_bytes(arguments[0])) * Int(sqlite3_value_bytes(arguments[1]))
        if state.pointee.work > maxWork {
            state.pointee.work = 0
            guard !state.pointee.deadline.pointee.hasPassed else {
                return sqlite3_result_error_code(context, SQLITE_INTERRUPT)
            }
        }
        sqlite3_result_int(context, compare(pattern, text) == 0 ? 1 : 0)
    }
}
