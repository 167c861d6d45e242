/// Whether a client takes JSON, by its Accept fields (RFC 9110, section 12.5.1): the most specific range that covers
/// `application/json` decides, by whether its weight is zero. A range that can't be read covers nothing.
struct Acceptance {
    private enum Specificity: Int, Comparable {
        case nothing, anything, anyApplication, json

        static func < (a: Specificity, b: Specificity) -> Bool { a.rawValue < b.rawValue }
    }

    private var isGiven = false
    private var best = Specificity.nothing
    private var bestIsWanted = false

    var includesJSON: Bool { !isGiven || bestIsWanted }

    /// Takes the value of one Accept field. Several are one list.
    mutating func add(_ value: UnsafeRawBufferPointer) {
        // An empty list asks for nothing, as no field does.
        guard !value.isEmpty else { return }
        isGiven = true
        // What most clients send.
        if value.equals("*/*") { return take(.anything, isWanted: true) }
        value.forEachListElement { range in
            let end = range.next(UInt8(ascii: ";")) ?? range.count
            let specificity = Self.specificity(of: range.slice(0..<end).trimmed)
            take(specificity, isWanted: !Self.isZero(weight: range.slice(from: end)))
        }
    }

    private mutating func take(_ specificity: Specificity, isWanted: Bool) {
        guard specificity != .nothing, specificity >= best else { return }
        bestIsWanted = isWanted || (specificity == best && bestIsWanted)
        best = specificity
    }

    private static func specificity(of range: UnsafeRawBufferPointer) -> Specificity {
        if range.equalsIgnoringCase("application/json") { return .json }
        if range.equalsIgnoringCase("application/*") { return .anyApplication }
        return range.equals("*/*") ? .anything : .nothing
    }

    /// Whether the parameters have `q=0`, in any of its spellings.
    private static func isZero(weight parameters: UnsafeRawBufferPointer) -> Bool {
        var start = 0
        while let semicolon = parameters.next(UInt8(ascii: ";"), from: start) {
            let end = parameters.next(UInt8(ascii: ";"), from: semicolon + 1) ?? parameters.count
            let parameter = parameters.slice(semicolon + 1..<end).trimmed
            if parameter.count > 2, parameter[0].lowercased == UInt8(ascii: "q"), parameter[1] == UInt8(ascii: "=") {
                return parameter.slice(from: 2).allSatisfy { $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: ".") }
            }
            start = end
        }
        return false
    }
}
