import MartletClient
import MartletModel
import Testing
import UsersModel

/// When it is sent again, and what is known when it isn't any more.
@Suite struct RetryTimingTests {
    private let made = answer("201 Created", json(1))

    private func users(
        _ url: String, _ change: (inout ClientConfiguration) -> Void = { _ in }
    ) throws -> ResourceClient<User> {
        try MartletClient.client(url) {
            $0.retry.firstDelay = .milliseconds(1)
            change(&$0)
        }.resource(User.self)
    }

    private func failedCreate(_ users: ResourceClient<User>) async -> MartletError? {
        await failure { () throws(MartletError) in try await users.create { $0.name = "Ada" } }
    }

    @Test(arguments: [
        problem("503 X", "overloaded", "Retry-After: 1"),
        answer("503 X", "busy", "Content-Type: text/plain", "Retry-After: 1"),
    ])
    func `It isn't sent again before the server wants it`(_ busy: String) async throws {
        let server = try TestServer(inOrder: [busy, made])
        defer { server.stop() }
        let users = try users(server.url)
        let time = try await ContinuousClock().measure { try await users.create { $0.name = "Ada" } }
        #expect(time >= .seconds(1))
        #expect(server.requests.count == 2)
    }

    @Test func `A pause that would pass the deadline is not begun`() async throws {
        let server = try TestServer(inOrder: [problem("503 X", "overloaded", "Retry-After: 3000"), made])
        defer { server.stop() }
        let users = try users(server.url)
        let time = await ContinuousClock().measure {
            #expect(await failedCreate(users)?.problem?.retryAfter == .seconds(3000))
        }
        #expect(time < .seconds(60))
        #expect(server.requests.count == 1)
    }

    @Test func `All attempts have one deadline`() async throws {
        let server = try TestServer(inOrder: [nil])
        defer { server.stop() }
        let users = try users(server.url) {
            $0.deadline = .seconds(2)
            $0.retry.firstDelay = .milliseconds(100)
            $0.retry.maxAttempts = 1000
            $0.retry.maxDelay = .milliseconds(100)
        }
        let time = await ContinuousClock().measure {
            #expect(await failedCreate(users)?.mayHaveTakenEffect == true)
        }
        #expect(time < .seconds(60))
        // Pauses are of 50 ms and more.
        #expect(server.requests.count <= 41)
    }

    @Test func `A server that is gone is tried again, and nothing was sent`() async throws {
        let users = try users("http://127.0.0.1:\(TestServer.closedPort())") {
            $0.retry.firstDelay = .milliseconds(20)
            $0.retry.maxAttempts = 3
        }
        let time = await ContinuousClock().measure {
            let error = await failedCreate(users)
            #expect(error?.connectionReason == .refused)
            #expect(error?.mayHaveTakenEffect == false)
        }
        // 20 and 40 ms, each shortened by up to a half.
        #expect(time >= .milliseconds(30))
    }

    @Test func `What one attempt left open, a busy server doesn't settle`() async throws {
        let server = try TestServer(inOrder: [nil, problem("503 X", "overloaded")])
        defer { server.stop() }
        let error = await failedCreate(try users(server.url))
        #expect(error?.connectionReason == .lost)
        #expect(error?.mayHaveTakenEffect == true)
        #expect(server.requests.count == 4)
    }

    @Test func `A refusal settles it: the key's result would have come instead`() async throws {
        let server = try TestServer(inOrder: [nil, problem("409 X", "unique_taken")])
        defer { server.stop() }
        let error = await failedCreate(try users(server.url))
        #expect(error?.problem?.code == .uniqueTaken)
        #expect(error?.mayHaveTakenEffect == false)
    }

    @Test func `A refusal by whoever is in between doesn't`() async throws {
        let server = try TestServer(inOrder: [nil, answer("403 X", "no", "Content-Type: text/plain")])
        defer { server.stop() }
        #expect(await failedCreate(try users(server.url))?.mayHaveTakenEffect == true)
    }

    @Test(arguments: [(String?.none, true), (problem("503 X", "overloaded"), false)])
    func `Cancelling ends a pause`(_ first: String?, _ may: Bool) async throws {
        let arrived = Signal()
        let server = try TestServer { connection in
            _ = connection.readRequest()
            if let first { connection.send(first) }
            connection.close()
            arrived.fire()
        }
        defer { server.stop() }
        let users = try users(server.url) {
            $0.retry.firstDelay = .seconds(10)
            $0.retry.maxDelay = .seconds(10)
        }
        let task = Task { await failedCreate(users) }
        await arrived.wait()
        // Nobody sees the pause begin; the answer has been on its way for longer than it needs by then.
        try await Task.sleep(for: .seconds(2))
        task.cancel()
        #expect(await task.value == .cancelled(mayHaveTakenEffect: may))
    }
}
