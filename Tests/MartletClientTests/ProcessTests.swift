import Foundation
import MartletClient
import Testing

/// What needs a process of its own: its environment, its threads and its files.
@Suite struct ProcessTests {
    @Test func `A client that is gone leaves no thread and no file behind`() async {
        await #expect(processExitsWith: .success) {
            let server = try TestServer { request in answer("200 OK", request.target) }
            let silent = try TestServer { $0.waitForEnd() }
            // libcurl itself keeps what it opens first.
            try await useClient(server, silent)
            let before = try await settled { try openFiles() }
            for _ in 1...20 { try await useClient(server, silent) }
            let after = try await settled { try openFiles() }
            precondition(after == before, "\(before) files before, \(after) after")
            let threads = try engineThreads()
            precondition(threads == 0, "\(threads) threads are left")
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

private func useClient(_ server: TestServer, _ silent: TestServer) async throws {
    let client = try MartletClient(server.url)
    for number in 1...5 { _ = try await client.send(ClientRequest(.get, "/\(number)")) }
    let other = try MartletClient(silent.url)
    _ = await failure { () throws(MartletError) in
        _ = try await other.send(ClientRequest(.get, "/", deadline: .milliseconds(10)))
    }
    let task = Task { try await other.send(ClientRequest(.get, "/")) }
    task.cancel()
    _ = await task.result
}

/// What `measure` gives once no engine's thread is left and two measurements agree: threads end behind their clients.
private func settled(_ measure: () throws -> Int) async throws -> Int {
    var last = -1
    for _ in 1...500 {
        let value = try measure()
        if value == last, try engineThreads() == 0 { return value }
        last = value
        try await Task.sleep(for: .milliseconds(10))
    }
    return last
}

private func openFiles() throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
}

private func engineThreads() throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").filter { task in
        (try? String(contentsOfFile: "/proc/self/task/\(task)/comm", encoding: .utf8)) == "martlet-client\n"
    }.count
}
