/// A ``PatternProgram`` as the set of positions at which it could be, one bit for each. A search takes a bounded number of
/// operations on words for each scalar of a text, whatever the text.
///
/// It searches for patterns whose ``PatternAutomaton`` would be too large, such as `^.{1,64}@.{1,255}$`. Most positions of such
/// patterns lead to the next one alone, or stay, so that one shift moves all of them (Navarro and Raffinot, "Flexible Pattern
/// Matching in Strings", chapter 4). Positions that lead elsewhere are grouped by where they lead to.
struct PositionAutomaton: Sendable {
    /// For each scalar of a text: a fraction of a microsecond.
    static let maxOperations = 256

    private let classes: ScalarClasses
    private let isAnchored: Bool
    private let wordCount: Int
    /// For each class of scalars, the positions that take them.
    private var taking: [UInt64]
    /// Positions that lead to the next one, and to themselves.
    private var moving: [UInt64]
    private var staying: [UInt64]
    /// For each group, which positions lead to which others.
    private var sources: [UInt64] = []
    private var targets: [UInt64] = []
    private var groupCount = 0
    /// After these the pattern is found, always or when the text ends.
    private var found: [UInt64]
    private var foundAtEnd: [UInt64]
    /// Positions of the text's first scalar, and of any later one.
    private var first: [UInt64]
    private var later: [UInt64]
    private let start: PatternClosures.Closure
    private let isFoundAtAnyEnd: Bool

    /// - Returns: nil when a search would take too many operations.
    init?(_ program: PatternProgram, _ classes: ScalarClasses) {
        let places = program.instructions.indices.filter { program.instructions[$0].takesScalar }
        var positions = [Int](repeating: 0, count: program.instructions.count)
        for (position, place) in places.enumerated() { positions[place] = position }
        let none = [UInt64](repeating: 0, count: (places.count + 63) / 64)
        (self.classes, isAnchored, wordCount) = (classes, program.isAnchored, none.count)
        (moving, staying, found, foundAtEnd, first, later) = (none, none, none, none, none, none)
        taking = Array(repeating: 0, count: classes.count * none.count)
        var closures = PatternClosures(program)
        start = closures.closure(of: [0], isStart: true)
        for place in start.places { first.insert(positions[Int(place)]) }
        let start = program.isAnchored ? PatternClosures.Closure() : closures.closure(of: [0], isStart: false)
        for place in start.places { later.insert(positions[Int(place)]) }
        isFoundAtAnyEnd = start.isFoundAtEnd
        var groups: [[Int]: [UInt64]] = [:]
        for (position, place) in places.enumerated() {
            for number in classes.classes[Int(classes.symbols[place])] {
                taking.insert(number * none.count * 64 + position)
            }
            let next = closures.closure(of: [Int32(place + 1)], isStart: false)
            if next.isFound { found.insert(position) }
            if next.isFoundAtEnd { foundAtEnd.insert(position) }
            let others = lead(position, to: next.places.map { positions[Int($0)] })
            if !others.isEmpty { groups[others, default: none].insert(position) }
            guard none.count * (4 + 2 * groups.count) <= Self.maxOperations else { return nil }
        }
        addGroups(groups)
    }

    /// - Returns: the positions to which it doesn't lead by a shift.
    private mutating func lead(_ position: Int, to next: [Int]) -> [Int] {
        if next.contains(position) { staying.insert(position) }
        if next.contains(position + 1) { moving.insert(position) }
        return next.filter { $0 != position && $0 != position + 1 }
    }

    private mutating func addGroups(_ groups: [[Int]: [UInt64]]) {
        groupCount = groups.count
        for (others, positions) in groups {
            sources += positions
            var words = [UInt64](repeating: 0, count: wordCount)
            for other in others { words.insert(other) }
            targets += words
        }
    }

    /// Whether the pattern is found in a text.
    /// - Parameter utf8: valid UTF-8.
    func isFound(in utf8: UnsafeRawBufferPointer) -> Bool {
        if start.isFound || utf8.isEmpty { return start.isFound || start.isFoundAtEnd }
        var (active, next) = ([UInt64](repeating: 0, count: wordCount), first)
        var offset = 0
        while offset < utf8.count {
            if offset > 0 { advance(active, to: &next) }
            let taken = classes[PatternAutomaton.scalar(utf8, &offset)] * wordCount
            var (all, ending): (UInt64, UInt64) = (0, 0)
            for word in 0..<wordCount {
                next[word] &= taking[taken + word]
                all |= next[word]
                ending |= next[word] & found[word]
            }
            if ending != 0 { return true }
            if all == 0, isAnchored { return false }
            swap(&active, &next)
        }
        return isFoundAtAnyEnd || active.indices.contains { active[$0] & foundAtEnd[$0] != 0 }
    }

    /// Sets the positions that come after others.
    private func advance(_ active: [UInt64], to next: inout [UInt64]) {
        var carry: UInt64 = 0
        for word in 0..<wordCount {
            let shifted = active[word] & moving[word]
            next[word] = later[word] | active[word] & staying[word] | shifted << 1 | carry
            carry = shifted >> 63
        }
        for group in 0..<groupCount {
            let offset = group * wordCount
            var any: UInt64 = 0
            for word in 0..<wordCount { any |= active[word] & sources[offset + word] }
            guard any != 0 else { continue }
            for word in 0..<wordCount { next[word] |= targets[offset + word] }
        }
    }
}

extension [UInt64] {
    /// Sets a bit.
    fileprivate mutating func insert(_ bit: Int) {
        self[bit / 64] |= 1 << UInt64(bit % 64)
    }
}
