import MartletKernel
import MartletModel
import NIOCore

/// From a whole request to its answer's bytes.
extension HTTPConnection {
    /// Does what is left to do for a request that is whole.
    func serve(_ body: ByteBuffer) {
        if exchange.parsedBytes > Self.uncounted, case .success = exchange.work, !exchange.isAboutHealth,
            !server.budget.hasRoom(for: exchange.parsedBytes)
        {
            return refuse(.overloaded)
        }
        switch exchange.work {
        case .failure(let rejection): refuse(rejection)
        case .success(.start(let work)): start(work, body)
        case .success(.wait(let work)): wait(for: work, beginWork())
        case .success(.respond(let answer)):
            if case .asset(let asset) = answer.content, asset.body.count > Self.uncounted,
                !server.budget.hasRoom(for: asset.body.count)
            {
                return refuse(.overloaded)
            }
            self.answer(answer)
        case .success(.none): break
        }
    }

    /// A read that needn't wait is answered when this returns, without a task.
    private func start(_ work: RequestWork.Start, _ body: ByteBuffer) {
        let context = beginWork()
        do throws(Problem) {
            switch try work(server, body, context) {
            case .now(let encode) where requestReservation.bytes <= LargeResponse.threshold: respond(encode)
            case .now(let encode): wait(for: { _, _ in encode }, context)
            case .later(let result): wait(for: { _, _ throws(Problem) in try await result() }, context)
            }
        } catch {
            requestReservation.force(to: 0)
            refuse(Rejection(error))
        }
    }

    /// Starts to wait here and now: what comes without a wait after all is answered when this returns.
    private func wait(for work: @escaping RequestWork.Wait, _ context: RequestContext) {
        let reservation = requestReservation
        // That of a write can't be refused: it has happened.
        let isWrite = !exchange.method.isSafe
        let task = Task.immediate(executorPreference: loop.executor) {
            do throws(Problem) {
                let encode = try await work(self.server, context)
                guard reservation.bytes > LargeResponse.threshold else { return self.turn { self.respond(encode) } }
                let response = try await LargeResponse.make(encode, isWrite: isWrite, reservation, self.server.encoders)
                reservation.force(to: 0)
                self.turn { self.answer(response) }
            } catch {
                reservation.force(to: 0)
                self.turn { self.refuse(Rejection(error)) }
            }
        }
        // One that has ended has some KiB still, as long as it is held.
        if case .serving = state, !isSendingChunks { self.work = task }
    }

    private func respond(_ encode: LargeResponse.Encode) {
        do throws(Problem) {
            loop.json.removeAll()
            let response = try encode(&loop.json)
            try reserve(loop.json.count, isWrite: !exchange.method.isSafe, requestReservation)
            answer(response)
        } catch {
            requestReservation.force(to: 0)
            refuse(Rejection(error))
        }
    }

    private func beginWork() -> RequestContext {
        state = .serving
        if !isOrdinary { server.connections.setReplaceable(self, false) }
        // The last request's, unless the storage still has it.
        if !isKnownUniquelyReferenced(&requestReservation) { requestReservation = BufferReservation(in: server.budget) }
        return RequestContext(
            requestID: exchange.requestID, principal: .anonymous, reservation: requestReservation)
    }

    /// Makes room for a response, which the connection counts from now on. That of a write can't be refused: it has happened.
    private func reserve(
        _ bytes: Int, isWrite: Bool, _ reservation: BufferReservation
    ) throws(Problem) {
        if bytes > BufferBudget.smallReservation, !reservation.grow(by: bytes), !isWrite {
            throw Rejection.overloaded.problem
        }
        if reservation.bytes > 0 { reservation.force(to: 0) }
    }

    /// Answers what isn't a request, or not one to be served, and closes.
    func refuse(closing rejection: Rejection) {
        var rejection = rejection
        rejection.closes = true
        refuse(rejection)
    }

    /// Answers what failed before its head was whole.
    func refuse(head rejection: Rejection) {
        let requestID = loop.requestIDs.next(now: server.clock.now())
        exchange = Exchange(requestID: requestID, rejection, from: codec.origin)
        refuse(closing: rejection)
    }

    private func refuse(_ rejection: Rejection) {
        var rejection = rejection
        rejection.problem.requestID = exchange.requestID
        answer(Answer(rejection, &loop.json))
    }

    private func answer(_ answer: Answer) {
        if case .chunks(let chunks, _) = answer.content, exchange.method != .head, context != nil {
            return send(chunks, of: answer)
        }
        let closes = mustClose(after: answer)
        finish(answer, bytes: write(answer, closes: closes), closes: closes)
    }

    /// Whether no request is served on the connection after this one. Without chunks, in HTTP/1.0, the end of the connection is the
    /// end of the content.
    func mustClose(after answer: Answer) -> Bool {
        if case .chunks = answer.content, !codec.takesChunks { return true }
        return answer.closes || isDraining || dropsInput || !exchange.isPersistent
    }

    /// The response is written.
    /// - Parameter bytes: of its content.
    func finish(_ answer: Answer, bytes: Int, closes: Bool) {
        server.log.record(exchange, answer, bytes: bytes, isTaken: context != nil)
        if context == nil {
            releaseBuffers()
            state = .closing
            server.connections.remove(self)
        } else if closes {
            // A client that asked for this to be the last request sends nothing more.
            close(lingering: exchange.isPersistent || answer.closes || dropsInput || codec.bufferedBytes > 0)
        } else {
            state = .head
        }
        // A filter may be long, a task has some KiB, and the connection is idle for long.
        exchange.work = .success(.none)
        work = nil
    }

    /// - Returns: The content's length.
    private func write(_ answer: Answer, closes: Bool) -> Int {
        let length = contentLength(of: answer)
        let head = head(of: answer, length: length, closes: closes)
        let none = UnsafeRawBufferPointer(start: nil, count: 0)
        guard exchange.method != .head, case .bytes(let bytes) = length else {
            append(head, none)
            return 0
        }
        switch answer.content {
        case .none, .permissions, .chunks: append(head, none)
        case .largeRecord(let content): append(head, content)
        case .record, .problem: loop.json.withBytes { append(head, $0) }
        case .asset(let asset): asset.body.withUnsafeBytes { append(head, $0) }
        }
        return bytes
    }

    func head(of answer: Answer, length: ResponseHead.Length, closes: Bool) -> ResponseHead {
        var head = ResponseHead(
            status: answer.status, common: answer.content.commonFields, requestID: exchange.requestID,
            entityTag: answer.entityTag, crossOrigin: server.crossOrigin?.fields(for: exchange.origin) ?? [],
            fields: answer.fields, length: length, closes: closes)
        switch answer.content {
        case .asset(let asset): head.fields += asset.fields
        case .chunks(_, let type): head.fields.append(ResponseField("Content-Type", type))
        case .none, .permissions, .record, .largeRecord, .problem: break
        }
        return head
    }

    private func contentLength(of answer: Answer) -> ResponseHead.Length {
        switch answer.content {
        // Without a length, a client would wait for content until the connection closes.
        case .none, .permissions: answer.status.excludesContent ? .none : .bytes(0)
        case .record, .problem: .bytes(loop.json.count)
        case .largeRecord(let content): .bytes(content.reduce(0) { $0 + $1.readableBytes })
        case .asset(let asset): .bytes(asset.body.count)
        case .chunks: .unknown
        }
    }
}

extension Answer.Content {
    fileprivate var commonFields: CommonFields {
        switch self {
        case .none, .chunks: .data
        case .permissions: .preflight
        case .record, .largeRecord: .json
        case .problem: .problem
        case .asset: .asset
        }
    }
}

extension Answer {
    /// - Parameter json: gets the problem.
    fileprivate init(_ rejection: Rejection, _ json: inout JSONWriter) {
        json.removeAll()
        json.write(rejection.problem)
        let problem = rejection.problem
        self.init(
            status: ResponseStatus(rawValue: problem.status) ?? .internalServerError, content: .problem,
            fields: rejection.fields, closes: rejection.closes)
        if problem.status >= 500 { cause = problem.cause }
        if let delay = problem.retryAfter {
            // Whole seconds, rounded up: sooner would be too soon.
            let seconds = delay.components.seconds + (delay.components.attoseconds > 0 ? 1 : 0)
            fields.append(ResponseField("Retry-After", String(max(seconds, 1))))
        }
    }
}
