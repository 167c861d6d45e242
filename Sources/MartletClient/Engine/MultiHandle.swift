import CCurl

/// A libcurl multi handle: many transfers on one thread, to which it is handed over.
final class MultiHandle {
    /// Ends the handle's waits from any thread.
    ///
    /// `@unchecked Sendable`: `curl_multi_wakeup(3)` may be called from any thread. ``EngineInbox`` sees to it that this never
    /// comes after the handle's end.
    struct Wakeup: @unchecked Sendable {
        fileprivate let pointer: UnsafeMutableRawPointer

        /// Ends the wait that is going on, or the next one.
        func callAsFunction() {
            curl_multi_wakeup(pointer)
        }
    }

    private let pointer: UnsafeMutableRawPointer

    init?() {
        guard let pointer = curl_multi_init() else { return nil }
        self.pointer = pointer
    }

    static func startLibrary() -> Bool {
        curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
    }

    /// The easy handles are removed by then (`curl_multi_cleanup(3)`).
    deinit {
        curl_multi_cleanup(pointer)
    }

    var wakeup: Wakeup { Wakeup(pointer: pointer) }

    /// Keeps at most so many connections open.
    func setMaxConnections(_ count: Int) {
        _ = curl_shim_multi_set_long(pointer, CURLMOPT_MAXCONNECTS, count)
    }

    func add(_ easy: EasyHandle) -> Bool {
        curl_multi_add_handle(pointer, easy.pointer) == CURLM_OK
    }

    func remove(_ easy: EasyHandle) {
        curl_multi_remove_handle(pointer, easy.pointer)
    }

    /// Does what can be done without waiting.
    /// - Returns: whether the handle is still of use.
    func perform() -> Bool {
        var running: Int32 = 0
        return curl_multi_perform(pointer, &running) == CURLM_OK
    }

    /// Waits until there is something to do, or for `milliseconds`.
    /// - Returns: whether the handle is still of use.
    func poll(milliseconds: Int32) -> Bool {
        curl_multi_poll(pointer, nil, 0, milliseconds, nil) == CURLM_OK
    }

    /// The next transfer that has ended, by its easy handle's pointer.
    func nextFinished() -> (easy: UnsafeMutableRawPointer, code: CURLcode)? {
        var left: Int32 = 0
        while let message = curl_multi_info_read(pointer, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            return (easy, message.pointee.data.result)
        }
        return nil
    }
}
