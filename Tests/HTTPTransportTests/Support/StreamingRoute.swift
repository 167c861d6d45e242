import MartletKernel
import MartletModel
import Synchronization

extension Route {
    /// `GET /chunks`, whose chunks `next` gives by their numbers, nil at the end.
    static func streaming(
        isEndless: Bool = false, _ next: @escaping @Sendable (Int) async throws -> [UInt8]?
    ) -> Route {
        Route(
            Endpoint<NoContent, NoContent>(.get, "/chunks", "Streams"), streaming: "text/plain", isEndless: isEndless
        ) { _, _ in
            NumberedChunks(chunk: next)
        }
    }

    /// `GET /chunks`, which gives these.
    static func streaming(_ chunks: [String]) -> Route {
        streaming { number in number < chunks.count ? Array(chunks[number].utf8) : nil }
    }
}

/// Chunks that are made when they are asked for.
struct NumberedChunks: AsyncSequence, Sendable {
    struct Iterator: AsyncIteratorProtocol {
        let chunk: @Sendable (Int) async throws -> [UInt8]?
        var number = 0

        mutating func next() async throws -> [UInt8]? {
            defer { number += 1 }
            return try await chunk(number)
        }
    }

    let chunk: @Sendable (Int) async throws -> [UInt8]?

    func makeAsyncIterator() -> Iterator { Iterator(chunk: chunk) }
}

/// Something that a test waits for.
final class Gate: Sendable {
    private let isSet = Mutex(false)

    var isOpen: Bool { isSet.withLock { $0 } }

    func open() { isSet.withLock { $0 = true } }

    /// Waits until it is open, cancelled or not.
    func untilOpen() async {
        while !isOpen {
            // A sleep that is cancelled ends at once.
            await Task { try? await Task.sleep(for: .milliseconds(5)) }.value
        }
    }

    /// Whether it opens within some seconds. Blocks.
    func opens() -> Bool { eventually { isOpen } }
}

/// Whether `condition` holds within 20 seconds. Blocks.
func eventually(_ condition: () -> Bool) -> Bool {
    for _ in 0..<2000 {
        if condition() { return true }
        RawConnection.pause(milliseconds: 10)
    }
    return condition()
}

extension RawConnection {
    /// Reads a head and a content in chunks, up to the last one.
    func chunkedAnswer() throws -> ChunkedAnswer {
        ChunkedAnswer(try text(through: "\r\n0\r\n\r\n"))
    }

    /// Reads all that comes before the server closes the connection.
    func answerToEnd() throws -> ChunkedAnswer {
        while try receive() {}
        return ChunkedAnswer(takeReceived())
    }
}

/// A response, with its content as it came.
struct ChunkedAnswer {
    let head: String
    let content: String

    init(_ text: String) {
        let end = text.firstRange(of: "\r\n\r\n")
        head = end.map { String(text[..<$0.lowerBound]) } ?? text
        content = end.map { String(text[$0.upperBound...]) } ?? ""
    }

    func has(_ line: String) -> Bool { head.split(separator: "\r\n").contains(Substring(line)) }

    /// The chunks, without the last one. Nil if they are framed wrongly.
    var chunks: [Substring]? {
        var (chunks, rest) = ([Substring](), content.utf8[...])
        while let line = rest.firstIndex(of: 13), let size = Int(Substring(rest[..<line]), radix: 16) {
            rest = rest[line...].dropFirst(2)
            if size == 0 { return rest.elementsEqual("\r\n".utf8) ? chunks : nil }
            chunks.append(Substring(rest.prefix(size)))
            rest = rest.dropFirst(size)
            guard rest.starts(with: "\r\n".utf8) else { return nil }
            rest = rest.dropFirst(2)
        }
        return nil
    }
}
