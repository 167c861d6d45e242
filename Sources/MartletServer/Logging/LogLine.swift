import MartletModel

/// A line under construction, in a buffer that it never exceeds: what doesn't fit is cut, in a way that leaves the line
/// whole, with its end.
struct LogLine: ~Copyable {
    private let buffer: UnsafeMutableRawBufferPointer
    private var count = 0
    /// Where texts are cut, so that closing quotes and brackets always find room behind it.
    private let textLimit: Int

    /// - Parameter buffer: outlives the line; of at least 512 bytes.
    init(_ buffer: UnsafeMutableRawBufferPointer) {
        self.buffer = buffer
        textLimit = buffer.count - 64
    }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer[..<count]) }

    /// Whether a text of this length would be cut.
    func hasRoom(for length: Int) -> Bool {
        count + length <= textLimit
    }

    mutating func append(_ byte: UInt8) {
        guard count < buffer.count else { return }
        buffer[count] = byte
        count += 1
    }

    mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        let length = min(bytes.count, buffer.count - count)
        guard length > 0 else { return }
        UnsafeMutableRawBufferPointer(rebasing: buffer[count..<count + length])
            .copyMemory(from: UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[..<length])))
        count += length
    }

    mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { append($0) }
    }

    /// `2024-05-06T07:08:09.123456Z`
    mutating func appendTimestamp(_ microseconds: Int64) {
        withUnsafeTemporaryAllocation(byteCount: Timestamp.textLength, alignment: 1) { text in
            Timestamp(clamping: microseconds).write(to: text)
            for byte in text { append(byte) }
        }
    }
}
