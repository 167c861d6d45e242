import Foundation
import MartletClient
import Synchronization
import Testing

/// Requests that end before their answer comes.
@Suite struct DeadlineTests {
    /// Takes requests and never answers.
    private func silentServer(_ arrived: Signal, _ ended: Signal = Signal()) throws -> TestServer {
        try TestServer { connection in
            while connection.readRequest() != nil { arrived.fire() }
            ended.fire()
        }
    }

    @Test(arguments: [(HTTPMethod.get, false), (.post, true)])
    func `A server that doesn't answer runs into the deadline`(_ method: HTTPMethod, _ may: Bool) async throws {
        let server = try silentServer(Signal())
        defer { server.stop() }
        let client = try MartletClient(server.url)
        let request = ClientRequest(method, "/users", deadline: .milliseconds(200))
        let error = await client.failure(request)
        #expect(error == .timedOut(mayHaveTakenEffect: may))
    }

    @Test func `An answer that trickles in doesn't move the deadline`() async throws {
        let server = try TestServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while connection.send(Array("1\r\n.\r\n".utf8)) { usleep(1000) }
        }
        defer { server.stop() }
        let client = try MartletClient(server.url)
        let request = ClientRequest(.get, "/", deadline: .milliseconds(200))
        let error = await client.failure(request)
        #expect(error == .timedOut(mayHaveTakenEffect: false))
    }

    @Test func `Waiting for a connection counts, and a request that waited was never sent`() async throws {
        let arrived = Signal()
        let server = try silentServer(arrived)
        defer { server.stop() }
        let client = try MartletClient.client(server.url) { $0.maxConnections = 1 }
        let first = Task { try await client.send(ClientRequest(.get, "/first")) }
        await arrived.wait()
        let second = ClientRequest(.post, "/second", deadline: .milliseconds(50))
        let error = await client.failure(second)
        #expect(error == .timedOut(mayHaveTakenEffect: false))
        #expect(server.requests.map(\.target) == ["GET /first"])
        first.cancel()
        _ = await first.result
    }

    @Test(arguments: [Duration.zero, .seconds(-1), .nanoseconds(1)])
    func `A deadline that has passed sends nothing`(_ deadline: Duration) async throws {
        let server = try silentServer(Signal())
        defer { server.stop() }
        let client = try MartletClient(server.url)
        let error = await client.failure(ClientRequest(.post, "/", deadline: deadline))
        #expect(error == .timedOut(mayHaveTakenEffect: false))
        #expect(server.requests.isEmpty)
    }

    @Test func `A task that is cancelled already sends nothing`() async throws {
        let server = try silentServer(Signal())
        defer { server.stop() }
        let client = try MartletClient(server.url)
        let gate = Signal()
        let task = Task {
            await gate.wait()
            return await client.failure(ClientRequest(.post, "/"))
        }
        task.cancel()
        gate.fire()
        #expect(await task.value == .cancelled(mayHaveTakenEffect: false))
        #expect(server.connectionCount == 0)
    }

    @Test(arguments: [(HTTPMethod.get, false), (.post, true)])
    func `Cancelling ends a request that is under way, and its connection`(_ method: HTTPMethod, _ may: Bool)
        async throws
    {
        let (arrived, ended) = (Signal(), Signal())
        let server = try silentServer(arrived, ended)
        defer { server.stop() }
        let client = try MartletClient(server.url)
        let task = Task {
            await client.failure(ClientRequest(method, "/"))
        }
        await arrived.wait()
        task.cancel()
        #expect(await task.value == .cancelled(mayHaveTakenEffect: may))
        await ended.wait()
    }

    @Test func `Cancelling at any moment resumes once`() async throws {
        let server = try TestServer { request in answer("200 OK", request.target) }
        defer { server.stop() }
        let client = try MartletClient.client(server.url) { $0.maxConnections = 4 }
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<500 {
                group.addTask {
                    let task = Task { try await client.send(ClientRequest(.get, "/\(number)")) }
                    for _ in 0..<(number % 50) { await Task.yield() }
                    task.cancel()
                    switch await task.result {
                    case .success(let response): #expect(response.text == "GET /\(number)")
                    case .failure(let error):
                        #expect(error as? MartletError == .cancelled(mayHaveTakenEffect: false))
                    }
                }
            }
        }
        #expect(try await client.send(ClientRequest(.get, "/last")).text == "GET /last")
    }

    @Test func `No cancellation is missed, even as the request starts`() async throws {
        let server = try silentServer(Signal())
        defer { server.stop() }
        let client = try MartletClient(server.url)
        for attempt in 1...2000 {
            let started = Flag()
            let task = Task {
                started.isSet.store(true, ordering: .relaxed)
                return await client.failure(ClientRequest(.get, "/"))
            }
            // The moment differs by a few nanoseconds each time.
            while !started.isSet.load(ordering: .relaxed) { await Task.yield() }
            for _ in 0..<(attempt % 500) { _ = started.isSet.load(ordering: .relaxed) }
            task.cancel()
            let error = await task.value
            guard error == .cancelled(mayHaveTakenEffect: false) else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test func `Closing fails what is under way, what waits, and what comes later`() async throws {
        let arrived = Signal()
        let server = try silentServer(arrived)
        defer { server.stop() }
        let client = try MartletClient.client(server.url) { $0.maxConnections = 1 }
        let send = { @Sendable (path: String) in
            await client.failure(ClientRequest(.post, path))
        }
        async let first = send("/first")
        await arrived.wait()
        async let second = send("/second")
        client.close()
        #expect(await first == .closed(mayHaveTakenEffect: true))
        #expect(await second == .closed(mayHaveTakenEffect: false))
        #expect(await send("/third") == .closed(mayHaveTakenEffect: false))
        #expect(server.requests.map(\.target) == ["POST /first"])
    }
}

private final class Flag: Sendable {
    let isSet = Atomic(false)
}
