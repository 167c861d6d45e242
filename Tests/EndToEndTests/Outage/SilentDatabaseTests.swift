import MartletClient
import MartletTesting
import Testing

/// A PostgreSQL that accepts connections and then says nothing, or too little, or too late: every request is answered, a start
/// fails, and the server can be stopped.
@Suite(.enabled(if: Backend.isChosen("postgres"))) struct SilentDatabaseTests {
    private static let timeout = Duration.seconds(2)
    /// These tests share the machine with others; without a deadline nothing would come at all.
    private static let slack = Duration.seconds(15)

    private let postgres: PostgresServer
    private let proxy: PostgresProxy

    init() async throws {
        postgres = try await PostgresServer()
        proxy = try PostgresProxy(to: try await postgres.makeDatabase(), of: postgres)
    }

    private static let note = "fields:\n  id: { type: integer, key: generated }\n  tag: { type: string }\n"

    private var settings: [String: String] {
        ["storage.use": "postgres", "storage.postgres.url": proxy.address.url, "storage.postgres.timeout": "2s"]
    }

    private func server() async throws -> LiveServer {
        try await LiveServer(configuration: LiveServer.Configuration(settings: settings).serving(["notes": Self.note]))
    }

    /// What each kind of work does: a read by key, a list without an index, a write in a batch, one by itself.
    private static let requests: [ClientRequest] = [
        ClientRequest(.get, "/notes/1"), ClientRequest(.get, "/notes?tag.like=*a*"),
        .json(.post, "/notes", #"{"tag":"a"}"#), .json(.post, "/notes", #"{"tag":"b"}"#, ["Idempotency-Key": "k"]),
        .json(
            .post, "/batch",
            #"{"operations":[{"method":"POST","path":"/notes","body":{"tag":"c"}},"#
                + #"{"method":"PATCH","path":"/notes/1","body":{"tag":{"$ref":"0/tag"}}}]}"#),
    ]

    private func checkAnswers(_ client: MartletClient, _ what: String) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for request in Self.requests {
                group.addTask {
                    let began = ContinuousClock.now
                    let response = try await client.send(request)
                    let time = ContinuousClock.now - began
                    #expect(
                        [200, 201, 409, 503, 504].contains(response.status), "\(what), \(request): \(response.text)")
                    #expect(time < Self.timeout + .seconds(1) + Self.slack, "\(what), \(request): \(time)")
                }
            }
            try await group.waitForAll()
        }
    }

    private func waitUntilWell(_ client: MartletClient, _ what: String) async throws {
        let end = ContinuousClock.now + .seconds(60)
        while true {
            let statuses = try await [
                client.send(ClientRequest(.get, "/health/ready")), client.send(Self.requests[0]),
                client.send(Self.requests[1]), client.send(Self.requests[2]),
            ].map(\.status)
            if statuses == [200, 200, 200, 201] { return }
            try #require(.now < end, "\(what): \(statuses)")
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    @Test(arguments: [
        PostgresProxy.Fault.stall, .cut, .delay(.milliseconds(300)), .truncate, .truncateAnswer,
    ])
    func `every request is answered, whatever happens to a message`(_ fault: PostgresProxy.Fault) async throws {
        let server = try await server()
        var configuration = ClientConfiguration()
        (configuration.retry, configuration.deadline) = (.none, .seconds(60))
        let client = try MartletClient(server.url, configuration)
        #expect(try await client.send(Self.requests[2]).status == 201)
        for message in PostgresProxy.Message.allCases {
            proxy.set(fault, at: message)
            try await checkAnswers(client, "\(fault) at \(message)")
            proxy.set(nil)
            try await waitUntilWell(client, "after \(fault) at \(message)")
        }
        #expect(try await server.terminate() == .exited(0))
    }

    @Test(arguments: [PostgresProxy.Message.startup, .query, .parse], [["serve"], ["migrate", "--plan"]])
    func `a start fails when nothing comes`(_ message: PostgresProxy.Message, _ command: [String]) async throws {
        let folder = try TemporaryFolder()
        proxy.set(.stall, at: message)
        let began = ContinuousClock.now
        let sets = (settings.merging(["transport.http.port": "0"]) { $1 }).flatMap { ["--set", "\($0)=\($1)"] }
        let run = try await Command(command + sets, in: folder)
        #expect(run.ending == .exited(69), "\(run.errors)")
        #expect(run.errors.contains("waiting for"), "\(run.errors)")
        let time = ContinuousClock.now - began
        #expect(time < Self.timeout + Self.timeout + Self.slack)
        #expect(proxy.hits > 0)
    }

    @Test func `a server whose database stands still answers, and ends when it is told to`() async throws {
        let server = try await server()
        var configuration = ClientConfiguration()
        (configuration.retry, configuration.deadline) = (.none, .seconds(60))
        let client = try MartletClient(server.url, configuration)
        try postgres.suspendAll()
        let result = await Result { try await checkAnswers(client, "all stands still") }
        let ending = try await server.terminate()
        try postgres.resumeAll()
        try result.get()
        #expect(ending == .exited(0))
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
