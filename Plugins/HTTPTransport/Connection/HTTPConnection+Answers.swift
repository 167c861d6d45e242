import MartletKernel
import MartletModel
import NIOCore

/// From a whole request to its answer's bytes.
extension HTTPConnection {
    /// Does what the request's head has planned.
    func serve(_ body: ByteBuffer) {
        if exchange.parsedBytes > Self.uncounted, case .success(let plan) = exchange.plan, !plan.isAboutHealth,
            !server.budget.hasRoom(for: exchange.parsedBytes)
        {
            return refuse(.overloaded)
        }
        switch exchange.plan {
        case .failure(let rejection): refuse(rejection)
        case .success(.describe(let methods)): describe(methods)
        case .success(.page(let page)):
            guard server.budget.hasRoom(for: page.body.count) else { return refuse(.overloaded) }
            answer(Answer(status: .ok, content: .page(page)))
        case .success(.liveness): answer(health: "live")
        case .success(.readiness): checkReadiness()
        case .success(.read(let resource, let key, let ifMatch, let ifNoneMatch)):
            perform { application, context throws(Problem) in
                let rows = try await application.read(key, of: resource.schema, context).row
                return { json throws(Problem) in try .read(rows, of: resource, ifMatch, ifNoneMatch, &json) }
            }
        case .success(.readExpanded(let resource, let key, let expansions)):
            perform { application, context throws(Problem) in
                let found = try await application.read(key, of: resource.schema, expanding: expansions, context)
                return { json in .expanded(found.row, found.embedded, of: resource, &json) }
            }
        case .success(.list(let list)):
            let limit = server.limits.targetSize
            var request = list.request
            request.maxBytes = server.limits.pageBytes
            perform { [request] application, context throws(Problem) in
                let page = try await application.list(request, context)
                return { json throws(Problem) in try .page(page, of: list, limit: limit, &json) }
            }
        case .success(.write(let resource, let change, let terms)): write(resource, change, terms, body)
        case .success(.batch(let terms)): writeBatch(terms, body)
        }
    }

    /// Answers OPTIONS.
    private func describe(_ methods: String) {
        var answer = Answer(status: .noContent, content: .none, fields: [ResponseField("Allow", methods)])
        if exchange.isPreflight {
            answer.content = .permissions
            if case .allowed = exchange.origin, let crossOrigin = server.crossOrigin {
                answer.fields += crossOrigin.permissions(methods: methods)
            }
        }
        self.answer(answer)
    }

    private func write(_ resource: ServedResource, _ change: Plan.Change, _ terms: WriteTerms, _ body: ByteBuffer) {
        do throws(Problem) {
            let write = try body.withUnsafeReadableBytes { bytes throws(Problem) in
                try Write(change, on: resource.schema, terms, bytes)
            }
            perform(write) { written, json in
                .written(written, write.form, of: resource, change, terms.preference, &json)
            }
        } catch {
            refuse(body: error)
        }
    }

    private func writeBatch(_ terms: WriteTerms, _ body: ByteBuffer) {
        do throws(Problem) {
            let (plan, idempotency) = try body.withUnsafeReadableBytes { bytes throws(Problem) in
                (try BatchPlan(bytes, server.router), terms.idempotency(bytes))
            }
            let steps = plan.steps
            perform(Write(plan.mutations, .batch, idempotency: idempotency)) { written, json in
                .batch(written, steps, terms.preference, &json)
            }
        } catch {
            refuse(body: error)
        }
    }

    /// Refuses a body with all that is wrong with it. Which of its references lead to no record, the storage has to say.
    private func refuse(body problem: Problem) {
        guard !problem.uncheckedReferences.isEmpty else { return refuse(Rejection(problem)) }
        let context = beginWork()
        work = Task.immediate(executorPreference: loop.executor) {
            let problem = await self.server.application.addingDanglingReferences(to: problem, context)
            context.reservation?.force(to: 0)
            self.turn { self.refuse(Rejection(problem)) }
        }
    }

    private func perform(_ write: Write, _ answer: @escaping @Sendable ([Written], inout JSONWriter) -> Answer) {
        var write = write
        write.maxBytes = server.limits.writeBytes
        perform(isWrite: true) { [write] application, context throws(Problem) in
            let written = try await application.write(write, context)
            return { json in answer(written, &json) }
        }
    }

    /// Starts the application here and now. Where nothing has to be waited for, it has answered when this returns.
    private func perform(
        isWrite: Bool = false,
        _ work: @escaping @Sendable (Application, RequestContext) async throws(Problem) -> LargeResponse.Encode
    ) {
        let context = beginWork()
        let task = Task.immediate(executorPreference: loop.executor) {
            let reservation = self.requestReservation
            do throws(Problem) {
                let encode = try await work(self.server.application, context)
                if reservation.bytes > LargeResponse.threshold {
                    let response = try await LargeResponse.make(
                        encode, isWrite: isWrite, reservation, self.server.encoders)
                    reservation.force(to: 0)
                    return self.turn { self.answer(response) }
                }
                self.loop.json.removeAll()
                let response = try encode(&self.loop.json)
                try self.reserve(self.loop.json.count, isWrite: isWrite, reservation)
                self.turn { self.answer(response) }
            } catch {
                reservation.force(to: 0)
                self.turn { self.refuse(Rejection(error)) }
            }
        }
        // One that has ended has some KiB still, as long as it is held.
        if case .serving = state { self.work = task }
    }

    private func beginWork() -> RequestContext {
        state = .serving
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

    private func checkReadiness() {
        state = .serving
        if !isOrdinary { server.connections.setReplaceable(self, false) }
        Task.immediate(executorPreference: loop.executor) {
            let health = await self.server.application.health()
            self.turn {
                switch health {
                case .ready where self.isDraining: self.refuse(.shuttingDown)
                case .ready: self.answer(health: "ready")
                case .notReady(let cause): self.refuse(.notReady(cause))
                }
            }
        }
    }

    private func answer(health status: StaticString) {
        loop.json.removeAll()
        loop.json.write(.object([.init("status", .string("\(status)"))]))
        answer(Answer(status: .ok, content: .health))
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
        exchange = Exchange(requestID: requestID, rejection, from: parser.origin)
        refuse(closing: rejection)
    }

    private func refuse(_ rejection: Rejection) {
        var rejection = rejection
        rejection.problem.requestID = exchange.requestID
        answer(Answer(rejection, &loop.json))
    }

    private func answer(_ answer: Answer) {
        let closes = answer.closes || isDraining || dropsInput || !exchange.isPersistent
        let length = write(answer, closes: closes)
        server.log.record(exchange, answer, bytes: length, isTaken: context != nil)
        if context == nil {
            releaseBuffers()
            state = .closing
            server.connections.remove(self)
        } else if closes {
            // A client that asked for this to be the last request sends nothing more.
            close(lingering: exchange.isPersistent || answer.closes || dropsInput || input.readableBytes > 0)
        } else {
            state = .head
        }
        // A filter may be long, a task has some KiB, and the connection is idle for long.
        exchange.plan = .success(.liveness)
        work = nil
    }

    /// - Returns: The content's length.
    private func write(_ answer: Answer, closes: Bool) -> Int {
        let length = contentLength(of: answer)
        loop.head.begin(answer.status)
        loop.head.add(answer.content, variesByOrigin: server.crossOrigin != nil)
        if let fields = server.crossOrigin?.fields(for: exchange.origin) { loop.head.add(fields) }
        loop.head.add(loop.date.line(now: server.clock.now()))
        loop.head.add("X-Request-Id", exchange.requestID)
        if let tag = answer.entityTag { loop.head.add(tag) }
        for field in answer.fields { loop.head.add(field.name, field.value) }
        if let length { loop.head.add(contentLength: length) }
        if closes {
            loop.head.add("Connection: close\r\n")
        } else if exchange.minorVersion == 0 {
            loop.head.add("Connection: keep-alive\r\n")
        }
        loop.head.add("\r\n")
        let none = UnsafeRawBufferPointer(start: nil, count: 0)
        guard exchange.method != .head, let length else {
            append(loop.head.bytes, none)
            return 0
        }
        switch answer.content {
        case .none, .permissions: append(loop.head.bytes, none)
        case .largeRecord(let content): append(loop.head.bytes, content)
        case .record, .problem, .health: loop.json.withBytes { append(loop.head.bytes, $0) }
        case .page(let page): page.body.withUnsafeBytes { append(loop.head.bytes, $0) }
        }
        return length
    }

    private func contentLength(of answer: Answer) -> Int? {
        switch answer.content {
        // Without a length, a client would wait for content until the connection closes.
        case .none, .permissions: answer.status.excludesContent ? nil : 0
        case .record, .problem, .health: loop.json.count
        case .largeRecord(let content): content.reduce(0) { $0 + $1.readableBytes }
        case .page(let page): page.body.count
        }
    }
}

extension Rejection {
    /// The text is for the log; clients learn which part it is.
    fileprivate static func notReady(_ cause: String) -> Rejection {
        var problem = Problem(.unavailable, "Not ready: storage.", retryAfter: .seconds(1))
        problem.cause = cause
        return Rejection(problem)
    }
}
