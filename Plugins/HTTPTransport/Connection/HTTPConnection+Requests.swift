import MartletKernel
import MartletModel
import NIOCore

/// From what the codec reads to a request that is whole.
extension HTTPConnection {
    func take(_ event: HTTP1Codec.Event) {
        switch event {
        case .head(let head):
            codec.withHead { begin(head, $0) }
            exchange.parsedBytes = head.parsedBytes(length: codec.headLength)
            timer.requests += 1
            awaitBody(of: head)
        case .body(let body):
            state = .serving
            if body.readableBytes > 0, case .success = exchange.work, !exchange.takesBody {
                exchange.work = .failure(.unexpectedBody)
            }
            serve(body)
        case .malformed(let rejection):
            if case .head = state { return refuse(head: rejection) }
            refuse(closing: exchange.work.failure ?? rejection)
        case .endOfInput(isWithinRequest: false): close(lingering: false)
        case .endOfInput(isWithinRequest: true):
            if case .head = state { return refuse(head: .cutOff) }
            refuse(closing: .cutOff)
        }
    }

    private func begin(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer) {
        let target = bytes.slice(head.target)
        exchange = Exchange(head, requestID: head.requestID ?? loop.requestIDs.next(now: server.clock.now()))
        exchange.work = Result { () throws(Rejection) in
            guard !isDraining else { throw .shuttingDown }
            let work = try server.routes.accept(head, target: target, server, &exchange) {
                codec.fields
            }
            guard isOrdinary || exchange.isAboutHealth else { throw .tooManyConnections }
            return work
        }
        if !isOrdinary { exchange.isPersistent = false }
        if exchange.pattern == nil {
            let path = target.slice(0..<(target.next(UInt8(ascii: "?")) ?? target.count))
            exchange.unservedPath = path.slice(0..<min(path.count, 200)).text
        }
    }

    /// Decides by the head alone whether the body is wanted, and how it is taken.
    private func awaitBody(of head: RequestHead) {
        guard head.framing != .none else { return serve(ByteBuffer()) }
        if case .length(let length) = head.framing {
            if case .success = exchange.work, !exchange.takesBody { exchange.work = .failure(.unexpectedBody) }
            if length > server.limits.bodySize {
                // Refused for whatever comes first, but nobody waits until so much has passed by.
                return refuse(closing: exchange.work.failure ?? .bodyTooLarge(server.limits))
            }
        }
        if let rejection = exchange.work.failure, rejection.closes || head.expectsContinue {
            // The client may send the body or not after this answer: where its next request begins is unknown.
            return refuse(closing: rejection)
        }
        if head.expectsContinue, !server.budget.hasRoom(for: bytesToExpect(head.framing)) {
            return refuse(closing: .overloaded)
        }
        state = .body
        codec.expectBody(of: head, isWanted: exchange.work.failure == nil, &output)
    }

    /// How many bytes of a body have to find room before its client is told to send it.
    private func bytesToExpect(_ framing: RequestHead.Framing) -> Int {
        if case .length(let length) = framing {
            length
        } else {
            min(server.limits.bodySize, BufferBudget.smallReservation + 1)
        }
    }
}

extension RequestHead {
    /// A filter of many values takes several times the memory of its bytes, and so do many short entity tags.
    /// - Parameter length: of the head.
    fileprivate func parsedBytes(length: Int) -> Int {
        let tags = (ifMatch?.count ?? 0) + (ifNoneMatch?.count ?? 0)
        return (length > 2048 ? 4 * length : 0) + tags * MemoryLayout<EntityTag>.stride
    }
}

extension Rejection {
    static let shuttingDown = Rejection(
        Problem(.shuttingDown, "The server is shutting down.", retryAfter: .seconds(1)), closes: true)

    fileprivate static let tooManyConnections = Rejection(
        Problem(.overloaded, "The server has as many connections as it may have.", retryAfter: .seconds(1)),
        closes: true)

    fileprivate static let cutOff = malformed("The connection ended within a request.")
    fileprivate static let unexpectedBody = Rejection(Problem(.badRequest, "This request takes no body."))
}

extension Result {
    var failure: Failure? {
        if case .failure(let error) = self { error } else { nil }
    }
}
