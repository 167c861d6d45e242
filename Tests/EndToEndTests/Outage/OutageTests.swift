import MartletClient
import MartletTesting
import Testing

/// PostgreSQL goes away, or a part of it, under a server with clients. `scripts/soak outage` does it for longer.
@Suite(.enabled(if: Backend.isChosen("postgres"))) struct OutageTests {
    @Test func `while the database is gone all is refused at once, and nothing acknowledged is lost`() async throws {
        let trouble = try await Trouble()
        let during = try await trouble.runs {
            try await trouble.postgres.stop(.immediate)
            try await Task.sleep(for: .seconds(1))
            try await trouble.postgres.start()
        }
        for kind in [Load.Kind.write, .keyedWrite, .read, .ready] {
            #expect(during.contains { $0.kind == kind && $0.status == 503 }, "\(kind)")
        }
        #expect(trouble.logCount("the database can't be reached") == 1)
        #expect(trouble.logCount("the database is back") == 1)
        #expect(try await trouble.server.terminate() == .exited(0))
    }

    @Test func `connections that an administrator ends are made again`() async throws {
        let trouble = try await Trouble()
        try await trouble.runs {
            let backends = try await trouble.postgres.backends(of: "martlet")
            #expect(backends.count >= 2)
            for backend in backends {
                try await trouble.postgres.terminate([backend])
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        #expect(trouble.logCount("the database can't be reached") == trouble.logCount("the database is back"))
        #expect(try await trouble.server.terminate() == .exited(0))
        // libpq would write that a connection was ended among them.
        let lines = trouble.server.log.split(separator: "\n")
        #expect(!lines.isEmpty && lines.allSatisfy { $0.hasPrefix("{") }, "\(lines.filter { !$0.hasPrefix("{") })")
    }

    @Test(arguments: ["reads", "writes"])
    func `a connection that stands still holds up nobody for long`(_ purpose: String) async throws {
        let trouble = try await Trouble()
        let during = try await trouble.runs {
            let backend = try #require(try await trouble.postgres.backends(of: "martlet \(purpose)").first)
            try trouble.postgres.suspend(backend)
            try await Task.sleep(for: .seconds(2))
            try trouble.postgres.resume(backend)
        }
        #expect(during.contains { $0.kind == .read && $0.isOK })
        if purpose == "reads" { #expect(during.contains { $0.kind == .write && $0.isOK }) }
        #expect(try await trouble.server.terminate() == .exited(0))
    }
}
