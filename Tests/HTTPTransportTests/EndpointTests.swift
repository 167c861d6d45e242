import Dispatch
import InMemoryLogging
import Logging
import MartletKernel
import MartletModel
import Synchronization
import Testing

@testable import HTTPTransport

/// Endpoints of plugins: what they take, what they refuse, and what they answer.
struct EndpointTests {
    private func run(
        _ body: @escaping @Sendable (TestServer) throws -> Void
    ) async throws {
        try await TestServer.run({ $0.routes = TestRoutes.all }, body)
    }

    // MARK: - Input

    @Test func `values come from the path, the query and header fields`() async throws {
        try await run { server throws in
            let answer = try server.call(
                "GET",
                "/users/5/card?copies=2&style=gilt&since=2026-07-01T14:00:00%2B02:00&token=0198C0DE-0000-7000-8000-00000000ABCD",
                nil, "x-tenant: north")
            #expect(answer.status == 200)
            #expect(answer["Content-Type"] == "application/json")
            #expect(
                answer.body
                    == #"{"id":5,"style":"gilt","copies":2,"since":"2026-07-01T12:00:00.000000Z","#
                    + #""token":"0198c0de-0000-7000-8000-00000000abcd","tenant":"north"}"#)
        }
    }

    @Test func `what is left out has its default, or is null`() async throws {
        try await run { server throws in
            let card = try server.call("GET", "/users/5/card?copies=1", nil, "X-Tenant: a")
            #expect(
                card.body == #"{"id":5,"style":"plain","copies":1,"since":null,"token":null,"tenant":"a"}"#)
            let note = try server.call("POST", "/users/1/notes", #"{"text":"a"}"#)
            #expect(note.status == 200)
            #expect(note.json?["isPinned"] == true && note.json?["kind"] == .null && note.json?["extra"] == .null)
            #expect(note.json?["priority"] == .null)
        }
    }

    @Test func `values come from the body beside the path and header fields`() async throws {
        try await run { server throws in
            let body = #"{"extra":{"b":[1],"a":null},"kind":"gilt","text":"é","isPinned":false}"#
            let answer = try server.call("POST", "/users/9/notes", body, "X-Priority: 3")
            #expect(answer.status == 200)
            #expect(answer.json?["user"] == 9 && answer.json?["priority"] == 3)
            #expect(answer.json?["kind"] == "gilt" && answer.json?["isPinned"] == false)
            #expect(answer.json?["extra"] == ["a": .null, "b": [1]])
        }
    }

    @Test func `every error of parameters and header fields is told at once`() async throws {
        try await run { server throws in
            let answer = try server.call(
                "GET", "/users/0/card?style=blue&copies=1&since=today&token=x&stile=gilt&copies=9", nil)
            #expect(answer.status == 400)
            #expect(answer.problemCode == "invalid_parameter")
            #expect(
                answer.errors == [
                    "stile unknown_parameter", "copies repeated_parameter", "id invalid_parameter",
                    "style invalid_parameter", "copies invalid_parameter", "since invalid_parameter",
                    "token invalid_parameter", "X-Tenant invalid_parameter",
                ])
            #expect(answer.body.contains("must be 1 to 5") && answer.body.contains("did you mean style?"))
            #expect(answer.body.contains("must be one of plain, gilt"))
        }
    }

    @Test(arguments: [
        ("", "copies"), ("?copies=", "copies"), ("?copies=1.5", "copies"), ("?copies=%31%00", "copies"),
        ("?copies=1&since=", "since"), ("?copies=1&style=", "style"), ("?copies=1&token=null", "token"),
    ])
    func `a query without a value that its field takes is refused`(query: String, name: String) async throws {
        try await run { server throws in
            let answer = try server.call("GET", "/users/5/card\(query)", nil, "X-Tenant: a")
            #expect(answer.status == 400)
            #expect(answer.errors == ["\(name) invalid_parameter"])
        }
    }

    @Test func `several header fields of a name are one value, as a handler reads them`() async throws {
        try await run { server throws in
            let card = try server.call("GET", "/users/5/card?copies=1", nil, "X-Tenant: a", "x-tenant: b")
            #expect(card.json?["tenant"] == "a, b")
            let tenant = try server.call("GET", "/tenant", nil, "X-Tenant: a", "X-TENANT: b", "X-Tenants: c")
            #expect(tenant.body == #"{"name":"a, b"}"#)
            #expect(try server.call("GET", "/tenant").body == #"{"name":null}"#)
            let note = try server.call("POST", "/users/1/notes", #"{"text":"a"}"#, "X-Priority: 1", "X-Priority: 2")
            #expect(note.errors == ["X-Priority invalid_parameter"])
        }
    }

    @Test func `every error of a body is told at once`() async throws {
        try await run { server throws in
            let body = #"{"text":"","isPinned":1,"kind":"blue","id":7,"priority":1,"other":[],"_version":1}"#
            let answer = try server.call("POST", "/users/1/notes", body)
            #expect(answer.status == 422)
            #expect(answer.problemCode == "validation_failed")
            #expect(
                answer.errors == [
                    "#/text length", "#/isPinned type", "#/kind enum", "#/other unknown_field",
                    "#/_version unknown_field", "#/id unknown_field", "#/priority unknown_field",
                ])
        }
    }

    @Test(arguments: [
        ("{}", ["#/text required"]), (#"{"text":null}"#, ["#/text not_nullable"]), ("[]", ["# type"]),
        (#"{"text":"12345678901"}"#, ["#/text length"]), (#"{"text":"a","":1}"#, ["#/ unknown_field"]),
        (#"{"text":"a","id":"x"}"#, ["#/id unknown_field"]),
    ])
    func `a body that its fields don't take is refused`(body: String, errors: [String]) async throws {
        try await run { server throws in
            let answer = try server.call("POST", "/users/1/notes", body)
            #expect(answer.status == 422)
            #expect(answer.errors == errors)
        }
    }

    @Test func `a wrong parameter is told before a wrong body, and nothing is done`() async throws {
        try await run { server throws in
            let answer = try server.call("POST", "/users/x/notes?a=1", "{", "X-Priority: 10")
            #expect(answer.status == 400)
            #expect(
                answer.errors == ["a unknown_parameter", "id invalid_parameter", "X-Priority invalid_parameter"])
            #expect(try server.call("POST", "/users/1/notes", "{").problemCode == "malformed_json")
            #expect(server.storage.commits == 0)
        }
    }

    // MARK: - HTTP

    @Test func `an endpoint heeds Accept and Content-Type`() async throws {
        try await run { server throws in
            let text = try server.call("GET", "/users/count", nil, "Accept: text/html")
            #expect(text.status == 406)
            let plain = try server.answer(to: Requests.with("a", "POST", "/users/1/notes", type: "text/plain"))
            #expect(plain.status == 415)
            #expect(plain["Accept-Post"] == "application/json")
            let patch = Requests.with("{}", "POST", "/users/1/notes", type: "application/merge-patch+json")
            #expect(try server.answer(to: patch).status == 415)
            // An endpoint without fields of the body takes none.
            #expect(try server.call("DELETE", "/users/1/card", "{}").problemCode == "bad_request")
            #expect(try server.call("PATCH", "/users/1/sale", "{}").problemCode == "bad_request")
        }
    }

    @Test(arguments: [("PUT", "Accept"), ("PATCH", "Accept-Patch"), ("POST", "Accept-Post")])
    func `a refused media type is told with the field of the method`(method: String, field: String) async throws {
        let endpoint = try #require(EndpointDescription.Method(rawValue: method))
        try await TestServer.run {
            $0.routes = [
                Route(Endpoint<TestRoutes.UserID, NoContent>(endpoint, "/things", "Does")) { _, _ in NoContent() }
            ]
        } _: { server throws in
            let answer = try server.answer(to: Requests.with("a", method, "/things", type: "text/plain"))
            #expect(answer.status == 415)
            #expect(answer[field] == "application/json")
            #expect(try server.call(method, "/things", #"{"id":1}"#).status == 204)
        }
    }

    @Test func `methods of a path are those of all its routes`() async throws {
        try await TestServer.run {
            $0.routes =
                TestRoutes.all + [
                    Route(Endpoint<TestRoutes.UserID, NoContent>(.post, "/users/{id}", "Greets")) { _, _ in NoContent()
                    }
                ]
        } _: { server throws in
            let refused = try server.call("PUT", "/users/1/card", "{}")
            #expect(refused.problemCode == "method_not_allowed")
            #expect(refused["Allow"] == "GET, HEAD, DELETE, OPTIONS")
            let options = try server.call("OPTIONS", "/users/1")
            #expect(options.status == 204)
            #expect(options["Allow"] == "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
            #expect(try server.call("POST", "/users/1").status == 204)
            #expect(try server.call("OPTIONS", "/tenant")["Allow"] == "GET, HEAD, OPTIONS")
        }
    }

    @Test func `a name comes before a parameter`() async throws {
        try await run { server throws in
            #expect(try server.call("POST", "/users", Requests.ada).status == 201)
            #expect(try server.call("GET", "/users/count").body == #"{"count":7}"#)
            #expect(try server.call("GET", "/users/%63ount").body == #"{"count":7}"#)
            #expect(try server.call("GET", "/users/1").json?["name"] == "Ada")
            #expect(try server.call("DELETE", "/users/count")["Allow"] == "GET, HEAD, OPTIONS")
            // The name leads nowhere further, so that it is a parameter's value.
            #expect(try server.call("GET", "/users/count/card").errors.first == "id invalid_parameter")
            #expect(try server.call("GET", "/users/1/nothing").status == 404)
        }
    }

    @Test(arguments: [
        ("/files/a%2Fb/c", "a/b", "c"), ("/files/%2f/%25", "/", "%"), ("/files/%C3%A9/a%20b+", "é", "a b+"),
        ("/files/a/%2E%2E", "a", ".."),
    ])
    func `a value in the path is decoded after the path is split`(target: String, folder: String, name: String)
        async throws
    {
        try await run { server throws in
            let answer = try server.call("GET", target)
            #expect(answer.status == 200)
            #expect(answer.json == ["folder": .string(folder), "name": .string(name)])
        }
    }

    @Test(arguments: [
        ("/files/a/", 404), ("/files//a", 404), ("/files/a/b/c", 404), ("/files/a/%FF", 400), ("/files/a/%00", 400),
        ("/files/a/%zz", 400),
    ])
    func `a path without a value in each place is none`(target: String, status: Int) async throws {
        try await run { server throws in #expect(try server.call("GET", target).status == status) }
    }

    @Test func `HEAD is GET without the content`() async throws {
        try await run { server throws in
            let connection = try server.connect()
            try connection.send(Requests.bare("HEAD", "/users/count") + Requests.get("/users/count"))
            let head = try connection.answer(isHead: true)
            #expect(head.status == 200 && head["Content-Length"] == "11")
            #expect(try connection.answer().body == #"{"count":7}"#)
        }
    }

    @Test func `an endpoint without output answers 204`() async throws {
        try await run { server throws in
            let answer = try server.call("DELETE", "/users/1/card")
            #expect(answer.status == 204)
            #expect(answer["Content-Type"] == nil && answer["Content-Length"] == nil)
        }
    }

    @Test func `what a handler throws is the answer`() async throws {
        try await run { server throws in
            let answer = try server.call("PATCH", "/users/1/sale")
            #expect(answer.status == 409)
            #expect(answer.problemCode == "unique_taken")
            #expect(answer["Retry-After"] == "3")
        }
    }

    @Test func `a precondition is refused, as no endpoint heeds it`() async throws {
        try await run { server throws in
            #expect(try server.call("GET", "/users/count", nil, "If-None-Match: *").status == 400)
            #expect(try server.call("DELETE", "/users/1/card", nil, "If-Match: *").status == 400)
            // A read has no use for a key.
            #expect(try server.call("GET", "/users/count", nil, "Idempotency-Key: \"").status == 200)
            #expect(try server.call("DELETE", "/users/1/card", nil, "Idempotency-Key: \"").status == 400)
        }
    }

    @Test func `a base path is before endpoints too`() async throws {
        try await TestServer.run {
            $0.routes = TestRoutes.all
            $0.basePath = "/api"
        } _: { server throws in
            #expect(try server.call("GET", "/api/users/count").status == 200)
            #expect(try server.call("GET", "/api/files/a/b").json?["name"] == "b")
            #expect(try server.call("GET", "/users/count").status == 404)
            #expect(server.log.entries.contains { $0.metadata["route"]?.description == "/api/files/{folder}/{name}" })
        }
    }

    // MARK: - Idempotency

    @Test func `a repeated call is answered as the first, and done once`() async throws {
        try await run { server throws in
            let (key, body) = ("Idempotency-Key: k", #"{"text":"a"}"#)
            let first = try server.call("POST", "/users/1/notes", body, key)
            #expect(first.status == 200)
            // However its path is encoded.
            for path in ["/users/1/notes", "/users/%31/notes", "/%75sers/1/notes"] {
                #expect(try server.call("POST", path, body, key).body == first.body)
            }
            #expect(try server.call("GET", "/memos").json?.array?.count == 1)
            #expect(try server.call("POST", "/users/2/notes", body, key).body != first.body)
            #expect(try server.call("GET", "/memos").json?.array?.count == 2)
            // Without a key it is another one each time.
            _ = try server.call("POST", "/users/1/notes", body)
            #expect(try server.call("GET", "/memos").json?.array?.count == 3)
        }
    }

    @Test(arguments: [
        (#"{"text":"b"}"#, "X-Priority: 1"), (#"{"text":"a"}"#, "X-Priority: 2"), (#"{"text":"a"}"#, "X-Other: 1"),
    ])
    func `a key that was used for another input is refused`(body: String, field: String) async throws {
        try await run { server throws in
            let key = "Idempotency-Key: k"
            #expect(try server.call("POST", "/users/1/notes", #"{"text":"a"}"#, key, "X-Priority: 1").status == 200)
            let other = try server.call("POST", "/users/1/notes", body, key, field)
            #expect(other.problemCode == "idempotency_key_reused")
            #expect(try server.call("GET", "/memos").json?.array?.count == 1)
        }
    }

    // MARK: - Time

    @Test(arguments: [
        (EndpointDescription.Method.get, 503, "unavailable"), (.post, 504, "outcome_unknown"),
        (.delete, 504, "outcome_unknown"),
    ])
    func `a handler that takes too long is cancelled and given up`(
        method: EndpointDescription.Method, status: Int, code: String
    ) async throws {
        let cancelled = AsyncStream.makeStream(of: Void.self)
        let server = try await TestServer.start {
            $0.routes = [
                Route(Endpoint<TestRoutes.Nothing, NoContent>(method, "/slow", "Waits")) { _, _ in
                    await withTaskCancellationHandler {
                        // Code that waits for something outside may not heed cancellation.
                        await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
                    } onCancel: {
                        cancelled.continuation.finish()
                    }
                    return NoContent()
                }
            ]
            $0.routeTimeout = .milliseconds(50)
        }
        let answer = try await blocking { try server.call(method.rawValue, "/slow") }
        #expect(answer.status == status)
        #expect(answer.problemCode == code)
        #expect((answer["Retry-After"] != nil) == (status == 503))
        for await _ in cancelled.stream {}
        await server.server.stop()
        let cause = server.log.entries.first { $0.level == .error }?.metadata["cause"]?.description
        #expect(cause == "the handler of \(method.rawValue) /slow took longer than application.routeTimeout, 50ms")
    }

    @Test func `a request's deadline is the end of that time, but not that of chunks`() async throws {
        let seen = Mutex<[ContinuousClock.Instant?]>([])
        let (limit, start) = (Duration.seconds(1000), ContinuousClock.now)
        try await TestServer.run {
            $0.routeTimeout = limit
            $0.routes = [
                Route(Endpoint<TestRoutes.Nothing, NoContent>(.get, "/plain", "Looks")) { _, request in
                    seen.withLock { $0.append(request.context.deadline) }
                    return NoContent()
                },
                Route(Endpoint<TestRoutes.Nothing, NoContent>(.get, "/chunks", "Looks"), streaming: "text/csv") {
                    _, request in
                    seen.withLock { $0.append(request.context.deadline) }
                    return AsyncStream<[UInt8]> { $0.finish() }
                },
            ]
        } _: { server throws in
            #expect(try server.call("GET", "/plain").status == 204)
            // Its content is no matter here.
            #expect(try server.answer(to: Requests.bare("HEAD", "/chunks")).status == 200)
        }
        let deadlines = seen.withLock { $0 }
        let deadline = try #require(deadlines.first ?? nil)
        #expect(deadline >= start + limit && deadline <= .now + limit)
        #expect(deadlines.count == 2 && deadlines[1] == nil)
    }

    @Test func `a handler that blocks its thread holds up no connection`() async throws {
        let isReleased = DispatchSemaphore(value: 0)
        let wasReleased = Mutex(false)
        // Not to be called in an asynchronous context, as it blocks: which is what is tried here.
        @Sendable func block() { wasReleased.withLock { $0 = isReleased.wait(timeout: .now() + 60) == .success } }
        try await TestServer.run {
            $0.routes = [
                Route(Endpoint<TestRoutes.Nothing, NoContent>(.get, "/block", "Blocks")) { _, _ in
                    block()
                    return NoContent()
                }
            ]
        } _: { server throws in
            let connection = try server.connect()
            try connection.send(Requests.bare("GET", "/block"))
            #expect(try server.call("GET", "/health/live").status == 200)
            isReleased.signal()
            #expect(try connection.answer().status == 204)
        }
        #expect(wasReleased.withLock { $0 })
    }

    // MARK: - Refusing

    @Test func `a handler refuses with a code of its own`() async throws {
        let code = ProblemCode(rawValue: "no_copies_left")
        let statuses: [ResponseStatus] = [.conflict, .unauthorized, .forbidden, .tooManyRequests, .notFound]
        try await TestServer.run {
            $0.routes = statuses.map { status in
                let endpoint = Endpoint<TestRoutes.Nothing, NoContent>(.get, PathPattern("/s\(status.code)"), "Refuses")
                return Route(endpoint) { _, _ throws(Problem) in throw Problem(status, code, "All are lent.") }
            }
        } _: { server throws in
            for status in statuses {
                let answer = try server.call("GET", "/s\(status.code)")
                #expect(answer.status == status.code && answer.problemCode == "no_copies_left")
                #expect(answer.json?["status"] == .number("\(status.code)"))
                #expect(answer.json?["type"] == "urn:martlet:problem:no_copies_left")
            }
        }
    }

    /// The last copy is taken by the first request: a repeated one must not be told that there is none.
    @Test func `a handler that refuses by what it has read knows a repeated request before`() async throws {
        let route = Route(Endpoint<TestRoutes.UserID, NoContent>(.post, "/users/{id}/only", "Takes the only one")) {
            input, request throws(Problem) in
            guard let memos = request.application.resources["memos"] else { throw Problem(.internal, "no memos") }
            var row = RowBatch(width: memos.width)
            row.appendAbsentRow()
            row.set(row: 0, column: 1, to: "taken by \(input.id)")
            let mutation = Mutation(memos, .insert(try ValidatedRow(row, memos, for: .create)))
            let write = Write(mutation, idempotency: request.idempotency)
            let page = try await request.application.list(ListRequest(memos, limit: 1), request.context)
            guard page.rows.isEmpty else {
                if try await request.application.replay(write, request.context) != nil { return NoContent() }
                throw Problem(.conflict, ProblemCode(rawValue: "taken"), "Another one has it.")
            }
            _ = try await request.application.write(write, request.context)
            return NoContent()
        }
        try await TestServer.run({ $0.routes = [route] }) { server throws in
            for _ in 0..<2 {
                #expect(try server.call("POST", "/users/1/only", nil, "Idempotency-Key: a").status == 204)
            }
            let other = try server.call("POST", "/users/1/only", nil, "Idempotency-Key: b")
            #expect(other.status == 409 && other.problemCode == "taken")
            #expect(try server.call("POST", "/users/1/only").status == 409)
            let reused = try server.call("POST", "/users/2/only", nil, "Idempotency-Key: a")
            #expect(reused.status == 409)
        }
    }
}
