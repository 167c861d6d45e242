/// A set of Unicode scalars: what a bracket class of a ``Pattern`` holds.
struct ScalarSet: Sendable {
    /// A bit for each ASCII character, as most texts have no other.
    private let ascii: (low: UInt64, high: UInt64)
    /// Ascending and apart.
    let ranges: [ClosedRange<UInt32>]

    /// - Parameters:
    ///   - ranges: in any order; they may overlap.
    ///   - isNegated: the set holds all scalars but these.
    init(_ ranges: [ClosedRange<UInt32>], isNegated: Bool) {
        let merged = Self.merged(ranges)
        self.ranges = isNegated ? Self.complement(of: merged) : merged
        var ascii: (low: UInt64, high: UInt64) = (0, 0)
        for range in self.ranges where range.lowerBound < 128 {
            for value in range.lowerBound...min(range.upperBound, 127) {
                if value < 64 { ascii.low |= 1 << UInt64(value) } else { ascii.high |= 1 << UInt64(value - 64) }
            }
        }
        self.ascii = ascii
    }

    func contains(_ value: UInt32) -> Bool {
        if value < 64 { return ascii.low >> UInt64(value) & 1 == 1 }
        if value < 128 { return ascii.high >> UInt64(value - 64) & 1 == 1 }
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < value { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].lowerBound <= value
    }

    private static func merged(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var merged: [ClosedRange<UInt32>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, range.lowerBound <= last.upperBound + 1 {
                merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged
    }

    private static func complement(of ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var complement: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges {
            if range.lowerBound > next { complement.append(next...range.lowerBound - 1) }
            next = range.upperBound + 1
        }
        if next <= 0x10FFFF { complement.append(next...0x10FFFF) }
        return complement
    }
}
