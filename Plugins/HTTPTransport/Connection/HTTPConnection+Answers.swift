import MartletKernel
import MartletModel
import NIOCore

/// From a whole request to its answer's bytes.
extension HTTPConnection {
    /// Does what the request's head has planned.
    func serve(_ body: ByteBuffer) {
        switch exchange.plan {
        case .failure(let rejection): refuse(rejection)
        case .success(.describe(let methods)):
            answer(Answer(status: 204, content: .none, fields: [ResponseField("Allow", methods)]))
        case .success(.page(let page)): answer(Answer(status: 200, content: .page(page)))
        case .success(.liveness): answer(health: "live")
        case .success(.readiness): checkReadiness()
        case .success(.operate(let resource, let work)):
            do throws(Problem) {
                perform(try Operation(work, on: resource, body), of: resource, work)
            } catch {
                refuse(Rejection(error))
            }
        }
    }

    /// Starts the application here and now. Where nothing has to be waited for, it has answered when this returns.
    private func perform(_ operation: Operation, of resource: ServedResource, _ work: Plan.Work) {
        state = .serving
        Task.immediate(executorPreference: loop.executor) {
            do throws(Problem) {
                let outcome = try await self.server.application.perform(operation)
                self.answer(Answer(outcome, of: resource, work, &self.loop.json))
            } catch {
                self.refuse(Rejection(error))
            }
            self.process()
        }
    }

    private func checkReadiness() {
        state = .serving
        Task.immediate(executorPreference: loop.executor) {
            switch await self.server.application.health() {
            case .ready where self.isDraining: self.refuse(.shuttingDown)
            case .ready: self.answer(health: "ready")
            case .notReady(let cause): self.refuse(.notReady(cause))
            }
            self.process()
        }
    }

    private func answer(health status: StaticString) {
        loop.json.removeAll()
        loop.json.write(.object([.init("status", .string("\(status)"))]))
        answer(Answer(status: 200, content: .health))
    }

    /// Answers what isn't a request, or not one to be served, and closes.
    func refuse(closing rejection: Rejection) {
        var rejection = rejection
        rejection.closes = true
        refuse(rejection)
    }

    /// Answers what failed before its head was whole.
    func refuse(head rejection: Rejection) {
        exchange = Exchange(requestID: loop.requestIDs.next(now: server.clock.now()), rejection)
        refuse(closing: rejection)
    }

    private func refuse(_ rejection: Rejection) {
        var rejection = rejection
        rejection.problem.requestID = exchange.requestID
        answer(Answer(rejection, &loop.json))
    }

    private func answer(_ answer: Answer) {
        let closes = answer.closes || isDraining || !exchange.isPersistent
        let length = write(answer, closes: closes)
        server.log.record(exchange, answer, bytes: length)
        if context == nil {
            loop.emptyOutput()
            state = .closing
            server.connections.remove(self)
        } else if closes {
            // A client that asked for this to be the last request sends nothing more.
            close(lingering: exchange.isPersistent || answer.closes || input.readableBytes > 0)
        } else {
            state = .head
        }
    }

    /// - Returns: The content's length.
    private func write(_ answer: Answer, closes: Bool) -> Int {
        let length = contentLength(of: answer)
        loop.head.begin(answer.status)
        loop.head.add(answer.content)
        loop.head.add(loop.date.line(now: server.clock.now()))
        loop.head.add("X-Request-Id", exchange.requestID)
        for field in answer.fields { loop.head.add(field.name, field.value) }
        if let length { loop.head.add(contentLength: length) }
        if closes {
            loop.head.add("Connection: close\r\n")
        } else if exchange.minorVersion == 0 {
            loop.head.add("Connection: keep-alive\r\n")
        }
        loop.head.add("\r\n")
        loop.output.reserveCapacity(minimumWritableBytes: loop.head.bytes.count + (length ?? 0))
        loop.output.writeBytes(loop.head.bytes)
        guard exchange.method != .head, let length else { return 0 }
        switch answer.content {
        case .none: break
        case .record, .problem, .health: loop.json.withBytes { _ = loop.output.writeBytes($0) }
        case .page(let page): loop.output.writeBytes(page.body)
        }
        return length
    }

    private func contentLength(of answer: Answer) -> Int? {
        switch answer.content {
        case .none: nil
        case .record, .problem, .health: loop.json.count
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
