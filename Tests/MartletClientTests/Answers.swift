import MartletClient

/// A whole answer with a body.
func answer(_ status: String, _ body: String, _ headers: String...) -> String {
    let type = headers.contains { $0.hasPrefix("Content-Type") } ? [] : ["Content-Type: application/json"]
    let lines = ["HTTP/1.1 \(status)"] + type + headers + ["Content-Length: \(body.utf8.count)"]
    return lines.joined(separator: "\r\n") + "\r\n\r\n" + body
}

/// A problem with no more than its code.
func problem(_ status: String, _ code: String, _ headers: String...) -> String {
    let body = #"{"code":"\#(code)","detail":"x"}"#
    let lines = ["HTTP/1.1 \(status)", "Content-Type: application/problem+json"] + headers
    return (lines + ["Content-Length: \(body.utf8.count)"]).joined(separator: "\r\n") + "\r\n\r\n" + body
}

/// The JSON of one user.
func json(_ id: Int, _ name: String = "Ada", _ email: String = "ada@example.org") -> String {
    #"{"id":\#(id),"name":"\#(name)","email":"\#(email)"}"#
}

/// What a call throws.
func failure(of body: () async throws(MartletError) -> Void) async -> MartletError? {
    do throws(MartletError) {
        try await body()
        return nil
    } catch {
        return error
    }
}

extension MartletClient {
    /// A client that waits no longer than a test may, with whatever else it needs.
    static func client(
        _ url: String, _ change: (inout ClientConfiguration) -> Void = { _ in }
    ) throws(MartletError) -> MartletClient {
        var configuration = ClientConfiguration()
        // What isn't about deadlines waits for a busy machine.
        configuration.deadline = .seconds(600)
        change(&configuration)
        return try MartletClient(url, configuration)
    }
}

extension MartletClient {
    /// What sending a request throws.
    func failure(_ request: ClientRequest) async -> MartletError? {
        await MartletClientTests.failure { () throws(MartletError) in _ = try await send(request) }
    }
}

extension MartletError {
    var connectionReason: ConnectionFailure.Reason? {
        if case .connection(let failure) = self { failure.reason } else { nil }
    }
}

extension ClientResponse {
    var text: String { String(decoding: body, as: UTF8.self) }
}
