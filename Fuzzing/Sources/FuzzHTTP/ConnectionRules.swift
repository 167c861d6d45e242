import FuzzSupport

/// A whole connection, from bytes to bytes: the answers don't depend on how the requests are cut, and none is a bug's.
enum ConnectionRules {
    private static let goOn = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
    /// What ends a connection because of what can't be read.
    private static let unreadable: Set = [400, 413, 414, 431, 505]

    static func check(_ bytes: [UInt8], _ pieces: Pieces) {
        let whole = answers(to: [bytes[...]])
        for answer in whole where answer.status >= 500 {
            Fuzzer.expect(
                [501, 505].contains(answer.status), "nothing that is sent is the server's mistake: \(answer)")
        }
        let cut = pieces.cut(bytes)
        guard cut.count > 1 else { return }
        let parts = answers(to: cut)
        Fuzzer.expect(areSame(parts, whole), "in pieces the answers are\n\(parts)\nand not\n\(whole)")
    }

    /// What is wrong in two ways is refused for the one that is seen first, and this is for the pieces to say.
    private static func areSame(_ parts: [Answer], _ whole: [Answer]) -> Bool {
        if parts == whole { return true }
        guard parts.count == whole.count, parts.dropLast() == whole.dropLast() else { return false }
        return [parts, whole].allSatisfy { unreadable.contains($0.last?.status ?? 0) && $0.last?.isLast == true }
    }

    /// Without 100 (Continue), which is sent only if the body hasn't come yet.
    private static func answers(to pieces: [ArraySlice<UInt8>]) -> [Answer] {
        let connection = TestConnection()
        var bytes: [UInt8] = []
        for piece in pieces { bytes += connection.send(piece) }
        bytes += connection.finish()
        return Answer.all(in: bytes.replacing(goOn, with: []))
    }
}
