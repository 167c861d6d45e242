import MartletClient
import MartletModel
import Testing
import UsersModel

/// How refusals and failures reach the caller.
@Suite struct ProblemTests {
    private func outcome(
        _ status: String, _ body: String, _ headers: String..., write: Bool = true
    ) async throws -> MartletError? {
        let head = ["HTTP/1.1 \(status)"] + headers + ["Content-Length: \(body.utf8.count)"]
        let server = try TestServer { _ in head.joined(separator: "\r\n") + "\r\n\r\n" + body }
        defer { server.stop() }
        let users = try MartletClient.client(server.url) { $0.retry = .none }.resource(User.self)
        return await failure { () throws(MartletError) in
            _ = write ? try await users.create { $0.name = "" } : try await users.get(1)
        }
    }

    @Test func `A problem comes with its code, fields and request id`() async throws {
        let error = try await outcome(
            "422 Unprocessable Content",
            """
            {"type":"urn:martlet:problem:validation_failed","title":"Unprocessable Content","status":422,\
            "code":"validation_failed","detail":"2 fields are not valid.","requestId":"r1","errors":[\
            {"pointer":"#/name","code":"length","detail":"must have 1 to 200 characters"},\
            {"pointer":"#/email","code":"required","detail":"is required"}]}
            """, "Content-Type: application/problem+json")
        var problem = Problem.validationFailed([
            FieldError(field: "name", .length, "must have 1 to 200 characters"),
            FieldError(field: "email", .required, "is required"),
        ])
        problem.requestID = "r1"
        #expect(error == .problem(problem))
        #expect(error?.problem?.code == .validationFailed)
        #expect(
            error?.description
                == "2 fields are not valid. #/name must have 1 to 200 characters #/email is required (422 validation_failed)"
        )
    }

    @Test func `What the body doesn't say is taken from the head`() async throws {
        let error = try await outcome(
            "503 Service Unavailable", #"{"code":"overloaded","status":200,"detail":"Busy."}"#,
            "Content-Type: Application/Problem+JSON; charset=utf-8", "Retry-After: 3", "X-Request-Id: r2")
        var problem = Problem(.overloaded, "Busy.", retryAfter: .seconds(3))
        problem.requestID = "r2"
        #expect(error == .problem(problem))
    }

    @Test(arguments: [
        ("502 Bad Gateway", "<html>\(String(repeating: "x", count: 1000))", "text/html"),
        ("502 Bad Gateway", "not json", "application/problem+json"),
        ("200 OK", "<html>Log in to the network", "text/html"),
        ("200 OK", json(1), "application/json"),
        ("302 Found", "", "text/plain"),
    ])
    func `Another server's answer is kept as far as it helps`(_ status: String, _ body: String, _ type: String)
        async throws
    {
        let error = try await outcome(status, body, "Content-Type: \(type)")
        guard case .unexpected(let answer) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(answer.status == Int(status.prefix(3)))
        #expect(answer.mediaType == type)
        #expect(answer.beginning == String(body.prefix(512)))
        #expect(answer.mayHaveTakenEffect)
    }

    @Test(arguments: [
        ("400", false), ("404", false), ("409", false), ("412", false), ("422", false), ("428", false), ("429", false),
        ("500", true), ("503", false), ("504", true), ("507", false),
    ])
    func `A problem says whether the request may have taken effect`(_ status: String, _ may: Bool) async throws {
        let error = try await outcome(
            "\(status) X", #"{"code":"x","detail":"y"}"#, "Content-Type: application/problem+json")
        #expect(error?.problem?.status == Int(status))
        #expect(error?.mayHaveTakenEffect == may)
    }

    @Test func `A write whose key is in use may take effect yet`() async throws {
        let error = try await outcome(
            "409 Conflict", #"{"code":"request_in_progress","detail":"x"}"#, "Content-Type: application/problem+json")
        #expect(error?.problem?.code == .requestInProgress)
        #expect(error?.mayHaveTakenEffect == true)
    }

    @Test(arguments: [("404", true, false), ("503", true, true), ("503", false, false), ("200", true, true)])
    func `An unexpected answer says so too`(_ status: String, _ write: Bool, _ may: Bool) async throws {
        let error = try await outcome("\(status) X", "x", "Content-Type: text/plain", write: write)
        #expect(error?.problem == nil)
        #expect(error?.mayHaveTakenEffect == may)
    }
}
