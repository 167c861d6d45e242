import MartletKernel
import MartletModel

/// `GET /health/live`: the server runs, as it answers.
struct CheckLiveness: RequestHandler {
    var respondsInJSON: Bool { false }
    var isAboutHealth: Bool { true }

    func accept(_ request: inout Request) -> RequestWork? {
        .respond(Answer(status: .ok, content: .asset(.health("live"))))
    }
}

/// `GET /health/ready`: the server can do its work.
struct CheckReadiness: RequestHandler {
    var respondsInJSON: Bool { false }
    var isAboutHealth: Bool { true }

    func accept(_ request: inout Request) -> RequestWork? {
        .wait { server, _ throws(Problem) in
            switch await server.application.health() {
            case .ready where server.connections.isDraining: throw Rejection.shuttingDown.problem
            case .ready: return { _ in Answer(status: .ok, content: .asset(.health("ready"))) }
            case .notReady(let cause):
                // The text is for the log; clients learn which part it is.
                var problem = Problem(.unavailable, "Not ready: storage.", retryAfter: .seconds(1))
                problem.cause = cause
                throw problem
            }
        }
    }
}

extension StaticAsset {
    fileprivate static func health(_ status: String) -> StaticAsset {
        StaticAsset(
            body: Array(#"{"status":"\#(status)"}"#.utf8), contentType: "application/json", cacheControl: "no-store")
    }
}
