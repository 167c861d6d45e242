import MartletKernel
import MartletModel
import NIOCore

/// One method at one path, and what serves it. Everything that the server answers is registered as one of these: records, lists,
/// batch, health, the documentation, and the endpoints of plugins.
struct HTTPRoute: Sendable {
    let method: HTTPMethod
    /// Below the base path.
    let path: PathPattern
    /// What it does, in a few words, for `martlet routes`. Nil for a file of the documentation, which isn't listed.
    var summary: String?
    /// Its part of the OpenAPI document; nil for what isn't described.
    var description: OpenAPIRoute?
    let handler: any RequestHandler
}

/// Serves the requests of a route.
protocol RequestHandler: Sendable {
    /// The query parameters that it takes. Nil: it reads the query itself, or takes any.
    var queryParameters: [String]? { get }
    /// What its request's body may be; nil if it takes none.
    var body: BodyTypes? { get }
    /// It answers in JSON: a request whose `Accept` excludes that is refused.
    var respondsInJSON: Bool { get }
    /// It tells how the server is, and is served however busy that is.
    var isAboutHealth: Bool { get }

    /// Judges a request by its head. What is wrong with it is added to ``Request/parameters``.
    /// - Returns: what is left to do once its body is there; nil when so much is wrong that it isn't known.
    func accept(_ request: inout Request) -> RequestWork?
}

extension RequestHandler {
    var queryParameters: [String]? { [] }
    var body: BodyTypes? { nil }
    var respondsInJSON: Bool { true }
    var isAboutHealth: Bool { false }
}

/// The media types of a body.
struct BodyTypes: Sendable {
    /// The header field that names them in a refusal.
    let field: StaticString
    var includesMergePatch = false

    var names: String { includesMergePatch ? "application/json, application/merge-patch+json" : "application/json" }
}

/// What is left to do for a request whose head was accepted.
enum RequestWork: Sendable {
    /// Asks the application, and gives how its result is written, now or later. It has read the body when it returns: what
    /// waits doesn't hold its bytes.
    typealias Start =
        @Sendable (ServerContext, _ body: ByteBuffer, RequestContext) throws(Problem)
        -> Eventual<LargeResponse.Encode, Problem>
    /// The same without a body, for what is always waited for.
    typealias Wait = @Sendable (ServerContext, RequestContext) async throws(Problem) -> LargeResponse.Encode

    /// Nothing.
    case none
    /// The response is known.
    case respond(Answer)
    case start(Start)
    case wait(Wait)
}

extension Eventual<LargeResponse.Encode, Problem> {
    /// Refuses a body. Which of its references lead to no record, the storage has to say.
    static func refusing(_ problem: Problem, _ application: Application, _ context: RequestContext) -> Self {
        .later { () async throws(Problem) -> LargeResponse.Encode in
            throw await application.addingDanglingReferences(to: problem, context)
        }
    }
}
