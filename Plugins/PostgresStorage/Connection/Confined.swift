/// What only an ``EventThread`` may use, in a box that any thread may hold: the thread alone opens it. A debug build stops where
/// another one tries to.
///
/// What the thread uses is not `Sendable`. So the compiler keeps it out of other tasks, and this box is the way from one task of
/// the thread to the next.
///
/// `@unchecked Sendable`: the value is used on the thread alone.
struct Confined<Value>: @unchecked Sendable {
    private let value: Value
    private let thread: EventThread

    /// On the thread, for something that it has in use.
    @inline(__always) init(_ value: Value, to thread: EventThread) {
        thread.assertIsCurrent()
        (self.value, self.thread) = (value, thread)
    }

    /// On any thread, for something that nobody else has.
    init(sending value: sending Value, to thread: EventThread) {
        (self.value, self.thread) = (value, thread)
    }

    /// On the thread. The compiler keeps the value inside of `body`.
    @inline(__always) func withValue(_ body: @Sendable (Value) async -> Void) async {
        thread.assertIsCurrent()
        await body(value)
    }
}
