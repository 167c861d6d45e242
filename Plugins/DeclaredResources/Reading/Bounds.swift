import MartletModel

/// A range as it is written: `1..200`, `0.5..`, `..10`.
struct Bounds {
    /// Numbers as JSON has them; nil where the range is open.
    let lower: String?
    let upper: String?

    /// Nil for what is no range, and for one that has no bound at all.
    init?(_ text: String) {
        guard let dots = text.firstIndex(of: ".").flatMap({ Self.dots(in: text, from: $0) }) else { return nil }
        let (low, high) = (text[..<dots.lowerBound], text[dots.upperBound...])
        guard !(low.isEmpty && high.isEmpty) else { return nil }
        guard [low, high].allSatisfy({ $0.isEmpty || JSONValue.isNumber(String($0)) }) else { return nil }
        lower = low.isEmpty ? nil : String(low)
        upper = high.isEmpty ? nil : String(high)
    }

    /// Where two dots follow each other: a number has but one.
    private static func dots(in text: String, from first: String.Index) -> Range<String.Index>? {
        var index = first
        while index < text.endIndex {
            let next = text.index(after: index)
            if text[index] == ".", next < text.endIndex, text[next] == "." { return index..<text.index(after: next) }
            index = next
        }
        return nil
    }

    /// For the length of a text; nil when it isn't of whole numbers, or ends before it begins.
    var length: ClosedRange<Int>? {
        guard let low = lower.map({ Int($0) }) ?? 0, let high = upper.map({ Int($0) }) ?? Int.max else { return nil }
        return low <= high ? low...high : nil
    }

    /// For a field of a type; nil when it ends before it begins, or a bound is too large.
    func range(for type: ValueType) -> ValueRange? {
        if type != .number, let integers { return integers }
        let most = Double.greatestFiniteMagnitude
        guard let low = lower.map({ Double($0) }) ?? -most, let high = upper.map({ Double($0) }) ?? most else {
            return nil
        }
        return low <= high && low.isFinite && high.isFinite ? .numbers(low...high) : nil
    }

    private var integers: ValueRange? {
        guard let low = lower.map({ Int64($0) }) ?? Int64.min, let high = upper.map({ Int64($0) }) ?? Int64.max else {
            return nil
        }
        return low <= high ? .integers(low...high) : nil
    }
}

extension JSONValue {
    /// Whether a text is a number in JSON's notation: `007`, `+1` and `.5` aren't.
    static func isNumber(_ text: String) -> Bool {
        if case .number(text)? = try? JSONValue(json: text) { return true }
        return false
    }
}
