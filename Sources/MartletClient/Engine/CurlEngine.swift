import Synchronization

/// Carries requests out with libcurl's multi interface, all on one thread.
///
/// A libcurl handle belongs to one thread at a time, so one thread owns them all: callers leave their requests in its
/// ``EngineInbox`` and are resumed by it. That thread doesn't hold the engine, so that the engine can end it.
final class CurlEngine: Sendable {
    private let inbox: EngineInbox
    private let nextID = Atomic<UInt64>(0)

    /// - Throws: ``MartletError/connection(_:)`` when libcurl or the system refuses.
    init(_ settings: EngineSettings) throws(MartletError) {
        guard Self.isLibraryReady, let multi = MultiHandle() else { throw .noEngine("libcurl does not start") }
        let inbox = EngineInbox(multi.wakeup)
        let status = startThread(named: "martlet-client") {
            EngineLoop(multi, inbox, settings).run()
        }
        guard status == 0 else {
            throw .noEngine("there is no thread for it (error \(status))")
        }
        self.inbox = inbox
    }

    deinit {
        inbox.close()
    }

    /// Ends the thread. What is under way fails.
    func close() {
        inbox.close()
    }

    func perform(_ request: EngineRequest) async throws(MartletError) -> ClientResponse {
        if Task.isCancelled { throw .cancelled(mayHaveTakenEffect: false) }
        let id = nextID.add(1, ordering: .relaxed).newValue
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                inbox.submit(EngineOrder(id: id, request: request, continuation: continuation))
                // The handler may have run before the order was there to be cancelled.
                if Task.isCancelled { inbox.cancel(id) }
            }
        } onCancel: {
            inbox.cancel(id)
        }
        return try result.get()
    }

    /// Once for the process: `curl_global_init` is thread-safe, but counts its calls.
    private static let isLibraryReady = MultiHandle.startLibrary()
}

extension MartletError {
    static func noEngine(_ message: String) -> MartletError {
        .connection(ConnectionFailure(reason: .other, message: message, mayHaveTakenEffect: false))
    }
}
