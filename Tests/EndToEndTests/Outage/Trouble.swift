import Foundation
import MartletClient
import MartletTesting
import Testing

/// A server under load on a PostgreSQL of its own, which something happens to.
struct Trouble {
    /// From the request to the answer that it can't be done; added to what an answer takes on this machine at this moment,
    /// as the prober finds.
    private static let refusalLimit = Duration.seconds(2)
    /// Twice what is promised: these tests share the machine with others. `scripts/soak outage` is strict.
    private static let recoveryLimit = Duration.seconds(10)

    let postgres: PostgresServer
    let server: LiveServer
    let load: Load

    init() async throws {
        postgres = try await PostgresServer()
        let configuration = LiveServer.Configuration(settings: [
            "storage.use": "postgres", "storage.postgres.url": try await postgres.makeDatabase().url,
        ])
        server = try await LiveServer(configuration: configuration.serving(["events": Load.resource]))
        load = try Load(server.url)
        let first = try await MartletClient(server.url).send(.json(.post, "/events", #"{"tag":"first"}"#))
        #expect(first.status == 201)
    }

    /// Begins the load, lets `trouble` happen, waits until all is well again, and judges the answers.
    /// - Returns: the answers to what was asked while it happened.
    @discardableResult
    func runs(_ trouble: () async throws -> Void) async throws -> [Load.Answer] {
        let running = Task { [load] in await load.run() }
        let (began, ended): (ContinuousClock.Instant, ContinuousClock.Instant)
        do {
            try await recovery(since: .now)
            began = .now
            try await trouble()
            ended = .now
            try await recovery(since: ended)
            load.stop()
            await running.value
        } catch {
            load.stop()
            throw error
        }
        let answers = load.all
        let slowest = answers.filter { $0.kind == .live }.map(\.time).max() ?? .zero
        for answer in answers { judge(answer, within: Self.refusalLimit + slowest) }
        try await judgeRecords(answers)
        return answers.filter { began <= $0.began && $0.began < ended }
    }

    /// How often the log says so.
    func logCount(_ message: String) -> Int {
        LogLine.all(in: server.log).count { $0.message == message }
    }

    /// Waits until every kind of request is answered as it should be.
    private func recovery(since end: ContinuousClock.Instant) async throws {
        while true {
            let isLast = ContinuousClock.now > end + Self.recoveryLimit
            let answers = load.all
            let missing = Load.Kind.allCases.filter { kind in
                !answers.contains { $0.kind == kind && $0.isOK && $0.began > end }
            }
            if missing.isEmpty { return }
            if isLast {
                let last = answers.filter { missing.contains($0.kind) }.suffix(5)
                Issue.record("\(missing) are not answered: \(last). The log:\n\(server.log)")
                return
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    private func judge(_ answer: Load.Answer, within limit: Duration) {
        if answer.isOK { return }
        #expect(answer.time < limit, "\(answer)")
        switch (answer.kind, answer.status, answer.code) {
        case (.ready, 503, _): break
        case (.write, 504, "outcome_unknown"), (.keyedWrite, 504, "outcome_unknown"): #expect(!answer.hasRetryAfter)
        case (.keyedWrite, 409, "request_in_progress"): #expect(answer.hasRetryAfter)
        case (.write, 503, _), (.keyedWrite, 503, _), (.read, 503, _): #expect(answer.hasRetryAfter, "\(answer)")
        default: Issue.record("unexpected: \(answer)")
        }
    }

    /// Nothing that was acknowledged is lost, nothing that was refused was done, and nothing done twice.
    private func judgeRecords(_ answers: [Load.Answer]) async throws {
        let counts = try await storedTags().reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
        for answer in answers where answer.kind == .write {
            let count = counts[answer.tag] ?? 0
            switch answer.status {
            case 201: #expect(count == 1, "\(answer) has \(count) records")
            case 503: #expect(count == 0, "\(answer) has \(count) records")
            default: #expect(count <= 1, "\(answer) has \(count) records")
            }
        }
        for tag in Set(answers.filter { $0.kind == .keyedWrite }.map(\.tag)) {
            #expect(counts[tag] == 1, "\(tag) has \(counts[tag] ?? 0) records")
        }
    }

    private func storedTags() async throws -> [String] {
        let client = try MartletClient(server.url)
        var (tags, path): ([String], String?) = ([], "/events?limit=1000")
        while let next = path {
            let page = try await client.send(ClientRequest(.get, next))
            try #require(page.status == 200, "\(page.text)")
            let records = try JSONSerialization.jsonObject(with: Data(page.body)) as? [[String: Any]]
            tags += try #require(records).compactMap { $0["tag"] as? String }
            path = page.headers["Link"].flatMap { $0.firstMatch(of: #/<([^>]+)>; rel="next"/#) }.map { String($0.1) }
        }
        return tags
    }
}
