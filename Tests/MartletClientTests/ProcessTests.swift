import Foundation
import MartletClient
import Testing

/// What needs a process of its own: its environment, its threads and its sockets.
@Suite struct ProcessTests {
    @Test func `A client that is gone leaves no thread and no socket behind`() async {
        await #expect(processExitsWith: .success) {
            let server = try TestServer { request in answer("200 OK", request.target) }
            let silent = try TestServer { $0.waitForEnd() }
            // libcurl itself keeps what it opens first.
            try await useClients(server, silent)
            try await waitUntil { try engineThreads() == 0 }
            let before = try openSockets()
            for _ in 1...20 { try await useClients(server, silent) }
            // Threads and the server's ends of connections are gone a moment after the client.
            try await waitUntil { try engineThreads() == 0 && openSockets() <= before }
        }
    }

    @Test func `A child of the process inherits no connection`() async {
        await #expect(processExitsWith: .success) {
            let server = try TestServer { request in answer("200 OK", request.target) }
            let client = try MartletClient(server.url)
            _ = try await client.send(ClientRequest(.get, "/"))
            let connections = (Int32(0)..<1024).filter { server.url.hasSuffix(":\(peerPort(of: $0) ?? 0)") }
            precondition(connections.count == 1, "\(connections.count) connections to the server")
            precondition(connections.allSatisfy { fcntl($0, F_GETFD) & FD_CLOEXEC != 0 })
            client.close()
        }
    }

    @Test func `The environment's proxy is used, but not for this machine`() async {
        await #expect(processExitsWith: .success) {
            let server = try TestServer { request in answer("200 OK", request.target) }
            let proxy = try TestServer { request in answer("200 OK", "proxied " + request.target) }
            setenv("http_proxy", proxy.url, 1)
            unsetenv("no_proxy")
            unsetenv("NO_PROXY")
            let direct = try await MartletClient(server.url).send(ClientRequest(.get, "/users")).text
            precondition(direct == "GET /users", direct)
            let proxied = try await MartletClient("http://martlet.test").send(ClientRequest(.get, "/users")).text
            precondition(proxied == "proxied GET http://martlet.test/users", proxied)
        }
    }
}

/// Has answers, a deadline and a cancellation.
private func useClients(_ server: TestServer, _ silent: TestServer) async throws {
    let client = try MartletClient(server.url)
    for number in 1...5 { _ = try await client.send(ClientRequest(.get, "/\(number)")) }
    let other = try MartletClient(silent.url)
    _ = await other.failure(ClientRequest(.get, "/", deadline: .milliseconds(10)))
    let task = Task { try await other.send(ClientRequest(.get, "/")) }
    task.cancel()
    _ = await task.result
}

private func waitUntil(_ condition: () throws -> Bool) async throws {
    for _ in 1...3000 {
        if try condition() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    let (threads, sockets) = (try engineThreads(), try openSockets())
    preconditionFailure("\(threads) threads and \(sockets) sockets are left")
}

private func openSockets() throws -> Int {
    let files = FileManager.default
    return try files.contentsOfDirectory(atPath: "/proc/self/fd").filter { file in
        (try? files.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(file)"))?.hasPrefix("socket:") == true
    }.count
}

private func engineThreads() throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").filter { task in
        (try? String(contentsOfFile: "/proc/self/task/\(task)/comm", encoding: .utf8)) == "martlet-client\n"
    }.count
}

private func peerPort(of file: Int32) -> UInt16? {
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(file, $0, &size) }
    }
    return status == 0 && address.sin_family == AF_INET ? UInt16(bigEndian: address.sin_port) : nil
}
