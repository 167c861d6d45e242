/// What a client prefers a write to answer (RFC 7240): `return=minimal` or `return=representation`. Other preferences are
/// ignored, as they may be.
enum Preference: Equatable {
    case minimal, representation

    /// Reads the value of one field Prefer.
    /// - Returns: nil when it has no preference `return`; of several the first counts (section 2), even if its value is
    ///   an unknown one, which is then nil inside.
    static func read(_ value: UnsafeRawBufferPointer) -> Preference?? {
        var found: Preference??
        value.forEachListElement { element in
            let end = element.next(UInt8(ascii: ";")) ?? element.count
            let preference = element.slice(0..<end)
            let equals = preference.next(UInt8(ascii: "=")) ?? end
            guard found == nil, preference.slice(0..<equals).trimmed.equalsIgnoringCase("return") else { return }
            found = .some(Preference(word: preference.slice(from: min(equals + 1, end)).trimmed))
        }
        return found
    }

    /// - Parameter word: a token, or the same in quotes.
    private init?(word: UnsafeRawBufferPointer) {
        if word.equals("minimal") || word.equals("\"minimal\"") {
            self = .minimal
        } else if word.equals("representation") || word.equals("\"representation\"") {
            self = .representation
        } else {
            return nil
        }
    }

    /// The value of Preference-Applied.
    var applied: String {
        switch self {
        case .minimal: "return=minimal"
        case .representation: "return=representation"
        }
    }
}
