public import MartletModel

/// What serves an endpoint of a plugin. A plugin contributes it to ``Capability/routes``; a transport checks the input by its
/// schema, describes the endpoint like its own, and calls the handler.
///
/// ```swift
/// try context.contribute(.routes, Route(Book.reserve) { input, request throws(Problem) in … })
/// ```
///
/// Handlers run on Swift's own threads, of which there are as many as the machine has cores. One that blocks, with a file or another
/// library, takes one of them from all others: do that on a thread of your own.
public struct Route: Sendable {
    public typealias Handler = @Sendable (RowBatch, RouteRequest) async throws(Problem) -> RouteResponse

    public let endpoint: EndpointDescription
    /// The media type of a response that comes in chunks; nil for one in JSON, or without content.
    public let streamedType: String?
    /// Gets the input as one row of the endpoint's schema.
    public let handler: Handler

    /// - Parameter handler: gives the output, or throws what the client gets instead.
    public init<Input: Model, Output: Model>(
        _ endpoint: Endpoint<Input, Output>,
        handler: @escaping @Sendable (Input, RouteRequest) async throws(Problem) -> Output
    ) {
        self.endpoint = endpoint.description
        streamedType = nil
        self.handler = { row, request throws(Problem) in
            let output = try await handler(try Self.input(row), request)
            guard Output.self != NoContent.self else { return .none }
            var rows = RowBatch(width: Output.schema.resource.width)
            Output.schema.append(output, to: &rows)
            return .record(rows)
        }
    }

    /// A route whose response comes in chunks, as many as there are: an export, say. They are sent as fast as the client takes
    /// them; one is asked for when the client has taken the one before. A sequence that throws ends the connection without
    /// the last chunk, so that no client takes a part for the whole. A client that goes away cancels the sequence's task.
    /// - Parameters:
    ///   - type: the response's media type, such as `text/csv`.
    ///   - isEndless: the chunks never end by themselves, as those of a feed don't. When the server stops, or the client sends its
    ///     last byte, such a response is ended, and its task is cancelled. Any other is finished, at a stop within
    ///     `shutdown.grace`.
    public init<Input: Model, Chunks: AsyncSequence & Sendable>(
        _ endpoint: Endpoint<Input, NoContent>, streaming type: String, isEndless: Bool = false,
        handler: @escaping @Sendable (Input, RouteRequest) async throws(Problem) -> Chunks
    ) where Chunks.Element == [UInt8] {
        self.endpoint = endpoint.description
        streamedType = type
        self.handler = { row, request throws(Problem) in
            .chunks(ResponseChunks(try await handler(try Self.input(row), request), areEndless: isEndless))
        }
    }

    private static func input<Input: Model>(_ row: RowBatch) throws(Problem) -> Input {
        try row.firstRecord()
    }
}

extension RowBatch {
    /// The first row, which was checked by the model's own schema.
    fileprivate func firstRecord<M: Model>(as model: M.Type = M.self) throws(Problem) -> M {
        do throws(RecordError) {
            return try M.schema.record(0, of: self)
        } catch {
            var problem = Problem(.internal, Problem.internalDetail)
            problem.cause = "a row is not one of \(M.self): \(error)"
            throw problem
        }
    }
}

/// What a route's handler is called with beside its input.
public struct RouteRequest: Sendable {
    /// Reads and writes the resources.
    public let application: Application
    /// Goes into every call of the application. Its deadline is the end of `application.routeTimeout`, but for a route
    /// whose response comes in chunks, as these may take longer.
    public let context: RequestContext
    /// What makes a write happen once: for ``Write``, if the request has an `Idempotency-Key`.
    public let idempotency: Idempotency?
    /// Any header field of the request, by its name.
    public let headerFields: RequestFields

    public init(
        application: Application, context: RequestContext, idempotency: Idempotency? = nil,
        headerFields: RequestFields = RequestFields()
    ) {
        self.application = application
        self.context = context
        self.idempotency = idempotency
        self.headerFields = headerFields
    }
}

extension RouteRequest {
    /// Makes a record, once if the request has an `Idempotency-Key`: a repeated request gets the record of the first. What the
    /// server sets (a generated key, managed fields) is set by it.
    ///
    /// A handler that writes anything else hands ``idempotency`` to one ``Write``, in which all of it is. One that reads before
    /// it writes, and may refuse by what it reads, asks ``Application/replay(_:_:)`` before it refuses: a repeated request
    /// finds what the first has changed.
    /// - Returns: the record as it was made.
    /// - Throws: ``Problem`` as ``Application/write(_:_:)`` does.
    public func insert<M: Model>(_ record: M) async throws(Problem) -> M {
        let write = Write(try Mutation(inserting: record), idempotency: idempotency)
        let written = try await application.write(write, context)
        return try written[0].record.firstRecord()
    }
}

/// What a route's handler gives.
public enum RouteResponse: Sendable {
    /// 200, with one row of the endpoint's output.
    case record(RowBatch)
    /// 204.
    case none
    /// 200, with content that comes piece by piece.
    case chunks(ResponseChunks)
}

/// Content that comes piece by piece.
public struct ResponseChunks: Sendable {
    /// They never end by themselves.
    public let areEndless: Bool
    private let makeNext: @Sendable () -> (() async throws -> [UInt8]?)

    public init<Chunks: AsyncSequence & Sendable>(
        _ chunks: Chunks, areEndless: Bool = false
    ) where Chunks.Element == [UInt8] {
        self.areEndless = areEndless
        makeNext = {
            var iterator = chunks.makeAsyncIterator()
            return { try await iterator.next() }
        }
    }

    /// A function that gives the next chunk each time, and nil at the end.
    public func makeIterator() -> () async throws -> [UInt8]? { makeNext() }
}
