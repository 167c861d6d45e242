import MartletKernel

extension LogLine {
    /// What ``writeJSON(_:_:_:_:_:)`` writes of the entry's metadata.
    mutating func writeJSON(_ time: Int64, _ label: String, _ request: RequestLogEntry) {
        append("{\"time\":\"")
        appendTimestamp(time)
        append("\",\"level\":\"info\",\"label\":")
        appendJSON(label)
        append(",\"message\":\"request\",\"metadata\":{\"bytes\":\"")
        appendDecimal(request.bytes)
        append("\",\"durationMs\":\"")
        appendMilliseconds(request.microseconds)
        append("\",\"method\":")
        appendJSON(request.method)
        if let path = request.path {
            append(",\"path\":")
            appendJSON(path)
        }
        append(",\"requestId\":")
        appendJSON(request.requestID)
        append(",\"route\":")
        appendJSON(request.route)
        append(",\"status\":\"")
        appendDecimal(request.status)
        append("\"}}\n")
    }

    private mutating func appendDecimal(_ number: Int) {
        // 20 characters: the least number has 19 digits and a sign.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var (rest, start) = (number.magnitude, digits.count)
            repeat {
                start -= 1
                digits[start] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            } while rest > 0
            if number < 0 { append(UInt8(ascii: "-")) }
            append(UnsafeBufferPointer(rebasing: digits[start...]))
        }
    }

    /// With three digits after the point.
    private mutating func appendMilliseconds(_ microseconds: Int64) {
        appendDecimal(Int(microseconds / 1000))
        append(UInt8(ascii: "."))
        let rest = microseconds % 1000
        if rest < 100 { append(UInt8(ascii: "0")) }
        if rest < 10 { append(UInt8(ascii: "0")) }
        appendDecimal(Int(rest))
    }
}
