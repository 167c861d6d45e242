/// What the engine's thread does. Everything in here lives and dies on that thread: nothing of it is `Sendable`.
///
/// libcurl's own limit on connections is not used: a transfer that waits for it has no deadline there (in
/// `multi_runsingle` of 7.88.1, time-outs begin with the state after `MSTATE_PENDING`). So orders wait here.
final class EngineLoop {
    private struct Transfer {
        let order: EngineOrder
        let easy: EasyHandle
    }

    private let multi: MultiHandle
    private let inbox: EngineInbox
    private let settings: EngineSettings
    /// First come, first served.
    private var waiting: WaitingOrders
    private var active: [UnsafeMutableRawPointer: Transfer] = [:]
    /// Handles that are not in use; with the active ones never more than the connections allowed.
    private var idle: [EasyHandle] = []

    init(_ multi: MultiHandle, _ inbox: EngineInbox, _ settings: EngineSettings) {
        self.multi = multi
        self.inbox = inbox
        self.settings = settings
        waiting = WaitingOrders()
        multi.setMaxConnections(settings.maxConnections)
    }

    /// Returns when the inbox was closed and everyone has been told.
    func run() {
        var isUsable = true
        while isUsable {
            let (commands, isClosed) = inbox.take()
            commands.forEach(obey)
            if isClosed { break }
            for order in waiting.removeExpired() { order.finish(.failure(.timedOut(mayHaveTakenEffect: false))) }
            startWaiting()
            isUsable = multi.perform()
            // What has ended makes room: wait only when nothing more can be started.
            if finishEnded() && !waiting.isEmpty { continue }
            isUsable = isUsable && multi.poll(milliseconds: waiting.millisecondsToNextDeadline())
        }
        shutDown()
    }

    private func obey(_ command: EngineInbox.Command) {
        switch command {
        case .start(let order):
            waiting.append(order)
        case .cancel(let id):
            if let order = waiting.remove(id) {
                order.finish(.failure(.cancelled(mayHaveTakenEffect: false)))
            } else if let transfer = active.values.first(where: { $0.order.id == id }) {
                end(transfer, .failure(.cancelled(mayHaveTakenEffect: transfer.easy.mayHaveTakenEffect)))
            }
        }
    }

    private func startWaiting() {
        while active.count < settings.maxConnections, let order = waiting.removeFirst() {
            guard let easy = idle.popLast() ?? EasyHandle() else {
                order.finish(.failure(.noEngine("libcurl makes no handle")))
                continue
            }
            guard easy.prepare(order.request, settings), multi.add(easy) else {
                order.finish(.failure(.noEngine("libcurl does not take the request")))
                continue
            }
            active[easy.pointer] = Transfer(order: order, easy: easy)
        }
    }

    /// - Returns: whether any has.
    private func finishEnded() -> Bool {
        var any = false
        while let (pointer, code) = multi.nextFinished() {
            guard let transfer = active[pointer] else { continue }
            end(transfer, transfer.easy.result(code))
            any = true
        }
        return any
    }

    private func end(_ transfer: Transfer, _ result: Result<ClientResponse, MartletError>) {
        multi.remove(transfer.easy)
        active[transfer.easy.pointer] = nil
        transfer.easy.reset()
        idle.append(transfer.easy)
        transfer.order.finish(result)
    }

    private func shutDown() {
        inbox.detach()
        inbox.take().commands.forEach(obey)
        while let order = waiting.removeFirst() { order.finish(.failure(.closed(mayHaveTakenEffect: false))) }
        for transfer in Array(active.values) {
            end(transfer, .failure(.closed(mayHaveTakenEffect: transfer.easy.mayHaveTakenEffect)))
        }
        // curl_multi_cleanup(3): the easy handles are removed before, and best released before too.
        idle.removeAll()
    }
}
