/// What a request says its body is (RFC 9110, section 8.3).
enum MediaType: Equatable {
    /// It doesn't say.
    case none
    case json
    case mergePatch
    /// What it says.
    case other(String)

    /// - Parameter value: of the field Content-Type.
    init(_ value: UnsafeRawBufferPointer) {
        let parameters = value.next(UInt8(ascii: ";")) ?? value.count
        let essence = value.slice(0..<parameters).trimmed
        guard Self.isUTF8(value.slice(from: parameters)) else {
            self = .other(value.text)
            return
        }
        if essence.equalsIgnoringCase("application/json") {
            self = .json
        } else if essence.equalsIgnoringCase("application/merge-patch+json") {
            self = .mergePatch
        } else {
            self = .other(value.text)
        }
    }

    /// What to change in a value that names JSON, and more than that.
    static func hint(for text: String) -> String {
        guard let essence = text.split(separator: ";").first, essence.lowercased().contains("json") else { return "" }
        return essence.contains(",") ? ": name one type, once" : ": JSON is UTF-8, so leave the charset out"
    }

    /// JSON has no parameters (RFC 8259, section 11), but `charset=utf-8` is a widespread habit that says nothing wrong.
    /// Any other charset does.
    private static func isUTF8(_ parameters: UnsafeRawBufferPointer) -> Bool {
        var start = 0
        while let semicolon = parameters.next(UInt8(ascii: ";"), from: start) {
            let end = parameters.next(UInt8(ascii: ";"), from: semicolon + 1) ?? parameters.count
            let parameter = parameters.slice(semicolon + 1..<end).trimmed
            start = end
            guard let equals = parameter.next(UInt8(ascii: "=")) else { continue }
            guard parameter.slice(0..<equals).equalsIgnoringCase("charset") else { continue }
            let charset = parameter.slice(from: equals + 1)
            guard charset.equalsIgnoringCase("utf-8") || charset.equalsIgnoringCase("\"utf-8\"") else { return false }
        }
        return true
    }
}
