import MartletClient
import MartletModel
import Synchronization

/// Clients that write, read and look at a server's health, each one request after the other, until they are stopped. They
/// keep what they are answered, and repeat nothing but what has an idempotency key.
final class Load: Sendable {
    enum Kind: CaseIterable {
        case write, keyedWrite, read, live, ready
    }

    struct Answer {
        let kind: Kind
        /// 0 when the connection was lost.
        let status: Int
        /// The problem's.
        var code = ""
        var hasRetryAfter = false
        let began: ContinuousClock.Instant
        let time: Duration
        /// What a write was to store.
        let tag: String

        var isOK: Bool { (200..<300).contains(status) }
    }

    /// Served by the server under load. Nothing keeps a tag from being stored twice.
    static let resource = "fields:\n  id: { type: integer, key: generated }\n  tag: { type: string }\n"

    private let client: MartletClient
    private let answers = Mutex<[Answer]>([])
    private let isStopped = Atomic(false)

    init(_ url: String) throws {
        var configuration = ClientConfiguration()
        configuration.retry = .none
        client = try MartletClient(url, configuration)
    }

    var all: [Answer] { answers.withLock { $0 } }

    func stop() {
        isStopped.store(true, ordering: .relaxed)
    }

    /// Returns when it is stopped and all is answered.
    func run() async {
        await withTaskGroup { group in
            for number in 0..<4 {
                group.addTask { await self.write("w\(number)") }
                group.addTask { await self.writeWithKeys("k\(number)") }
            }
            for path in ["/events?limit=5", "/events/1"] { group.addTask { await self.get(path, .read) } }
            group.addTask { await self.get("/health/live", .live) }
            group.addTask { await self.get("/health/ready", .ready) }
        }
    }

    private var goesOn: Bool { !isStopped.load(ordering: .relaxed) }

    private func write(_ name: String) async {
        for number in 0... {
            guard goesOn else { return }
            await answer(to: Self.post("\(name).\(number)"), .write, "\(name).\(number)")
        }
    }

    /// Each until it is acknowledged, also when the others have stopped.
    private func writeWithKeys(_ name: String) async {
        for number in 0... {
            guard goesOn else { return }
            let tag = "\(name).\(number)"
            for _ in 0..<1000 {
                if await answer(to: Self.post(tag, ["Idempotency-Key": tag]), .keyedWrite, tag).isOK { break }
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    private func get(_ path: String, _ kind: Kind) async {
        while goesOn { await answer(to: ClientRequest(.get, path), kind, "") }
    }

    @discardableResult
    private func answer(to request: ClientRequest, _ kind: Kind, _ tag: String) async -> Answer {
        let began = ContinuousClock.now
        let response = try? await client.send(request)
        var answer = Answer(
            kind: kind, status: response?.status ?? 0, began: began, time: .now - began, tag: tag)
        if let response, !answer.isOK {
            let problem = try? response.body.withUnsafeBytes { try Problem(json: $0, status: response.status) }
            answer.code = problem?.code.rawValue ?? ""
            answer.hasRetryAfter = response.headers["Retry-After"] != nil
        }
        answers.withLock { $0.append(answer) }
        // Enough for what is looked for; the rest of the machine is other tests'.
        try? await Task.sleep(for: .milliseconds(5))
        return answer
    }

    private static func post(_ tag: String, _ headers: HeaderFields = [:]) -> ClientRequest {
        .json(.post, "/events", #"{"tag":"\#(tag)"}"#, headers)
    }
}
