/// The bytes of one answer, in its parts.
struct Answer: Equatable, CustomStringConvertible {
    private let bytes: [UInt8]
    private let head: String
    let body: ArraySlice<UInt8>

    /// Answers, one behind the other. How long each is depends on its request; it begins with a line of its own.
    static func all(in bytes: [UInt8]) -> [Answer] {
        let name = Array("HTTP/1.1 ".utf8)
        let starts = bytes.ranges(of: name).map(\.lowerBound).filter { start in
            // A message may name the protocol too.
            let status = bytes[start...].dropFirst(name.count).prefix(4)
            return status.count == 4 && status.last == 0x20 && status.dropLast().allSatisfy { 0x30...0x39 ~= $0 }
        }
        return zip(starts, starts.dropFirst() + [bytes.count]).map { Answer(Array(bytes[$0..<$1])) }
    }

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        let end = bytes.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound ?? bytes.count
        head = String(decoding: bytes[..<end], as: UTF8.self)
        body = bytes[end...]
    }

    /// 0 when there is none.
    var status: Int {
        guard head.hasPrefix("HTTP/1.1 ") else { return 0 }
        return Int(head.dropFirst("HTTP/1.1 ".count).prefix(3)) ?? 0
    }

    /// The body is as long as the head says.
    var isWhole: Bool {
        status > 0 && (field("Content-Length").flatMap { Int($0) } ?? 0) == body.count
    }

    func field(_ name: String) -> Substring? {
        head.split(separator: "\r\n").first { $0.hasPrefix("\(name): ") }?.dropFirst(name.utf8.count + 2)
    }

    /// The target of the page after it.
    var next: String? {
        guard let link = field("Link"), link.hasPrefix("<"), let end = link.firstIndex(of: ">") else { return nil }
        return String(link[..<end].dropFirst())
    }

    /// The connection ends with it.
    var isLast: Bool { head.contains("\r\nConnection: close\r\n") }

    var description: String { String(decoding: bytes, as: UTF8.self) }
}
