import Synchronization

extension TestServer {
    /// Gives the answers one after the other, each to one request on whichever connection it comes, the last again and
    /// again. Behind nil, and behind one without the end of its head, it closes the connection.
    convenience init(inOrder answers: [String?]) throws {
        let next = Counter()
        try self.init(unixSocket: nil) { connection in
            while connection.readRequest() != nil {
                guard let answer = answers[min(next.take(), answers.count - 1)] else { return }
                connection.send(answer)
                guard answer.contains("\r\n\r\n") else { return }
            }
        }
    }
}

private final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    func take() -> Int { count.add(1, ordering: .relaxed).oldValue }
}
