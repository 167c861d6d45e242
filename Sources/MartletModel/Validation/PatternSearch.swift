/// One search for a ``PatternProgram``: it walks the text once, and keeps the set of places at which the program could
/// be.
///
/// A place that is reached twice is followed once, so that neither loops over nothing, as `(a*)*`, nor many ways to the
/// same place, as `(a|a)*`, cost more than others.
struct PatternSearch {
    private let instructions: UnsafeBufferPointer<PatternProgram.Instruction>
    private let sets: UnsafeBufferPointer<ScalarSet>
    /// Where the program stands, at instructions that take a scalar; and where it will stand for the next scalar.
    private var current: UnsafeMutablePointer<Int32>
    private var following: UnsafeMutablePointer<Int32>
    private var currentCount = 0
    private var followingCount = 0
    /// Instructions to follow yet.
    private let pending: UnsafeMutablePointer<Int32>
    /// For each instruction, the step at which it was reached last.
    private let reached: UnsafeMutablePointer<Int>
    private var step = 0

    /// - Parameter utf8: valid UTF-8.
    static func found(_ program: PatternProgram, in utf8: UnsafeRawBufferPointer) -> Bool {
        let count = program.instructions.count
        return withUnsafeTemporaryAllocation(of: Int.self, capacity: count) { reached in
            withUnsafeTemporaryAllocation(of: Int32.self, capacity: 3 * count) { places in
                program.instructions.withUnsafeBufferPointer { instructions in
                    program.sets.withUnsafeBufferPointer { sets in
                        guard let reached = reached.baseAddress, let places = places.baseAddress else { return false }
                        reached.initialize(repeating: 0, count: count)
                        var search = PatternSearch(instructions, sets, reached, places)
                        return search.run(utf8, isAnchored: program.isAnchored)
                    }
                }
            }
        }
    }

    private init(
        _ instructions: UnsafeBufferPointer<PatternProgram.Instruction>, _ sets: UnsafeBufferPointer<ScalarSet>,
        _ reached: UnsafeMutablePointer<Int>, _ places: UnsafeMutablePointer<Int32>
    ) {
        (self.instructions, self.sets, self.reached) = (instructions, sets, reached)
        current = places
        following = places + instructions.count
        pending = places + 2 * instructions.count
    }

    private mutating func run(_ utf8: UnsafeRawBufferPointer, isAnchored: Bool) -> Bool {
        var offset = 0
        step = 1
        if reach(0, isStart: true, isEnd: utf8.isEmpty) { return true }
        while offset < utf8.count {
            swap(&current, &following)
            (currentCount, followingCount) = (followingCount, 0)
            if isAnchored, currentCount == 0 { return false }
            let scalar = Self.scalar(utf8, &offset)
            let isEnd = offset == utf8.count
            step += 1
            for index in 0..<currentCount {
                let place = current[index]
                if takes(place, scalar), reach(place + 1, isStart: false, isEnd: isEnd) { return true }
            }
            if !isAnchored, reach(0, isStart: false, isEnd: isEnd) { return true }
        }
        return false
    }

    private func takes(_ place: Int32, _ scalar: UInt32) -> Bool {
        switch instructions[Int(place)] {
        case .scalar(let value): scalar == value
        case .any: scalar != 0x0A && scalar != 0x0D && scalar != 0x2028 && scalar != 0x2029
        case .set(let index): sets[Int(index)].contains(scalar)
        case .start, .end, .jump, .split, .found: false
        }
    }

    /// Adds all places that take the next scalar and are reached from this one without taking any.
    /// - Returns: Whether the pattern is found.
    private mutating func reach(_ place: Int32, isStart: Bool, isEnd: Bool) -> Bool {
        var count = 0
        push(place, &count)
        while count > 0 {
            count -= 1
            let place = pending[count]
            switch instructions[Int(place)] {
            case .scalar, .any, .set:
                following[followingCount] = place
                followingCount += 1
            case .start: if isStart { push(place + 1, &count) }
            case .end: if isEnd { push(place + 1, &count) }
            case .jump(let target): push(target, &count)
            case .split(let one, let other):
                push(one, &count)
                push(other, &count)
            case .found: return true
            }
        }
        return false
    }

    /// Each instruction is pushed once in a step, so there is room for all.
    private mutating func push(_ place: Int32, _ count: inout Int) {
        guard reached[Int(place)] != step else { return }
        reached[Int(place)] = step
        pending[count] = place
        count += 1
    }

    /// The scalar at an offset, which is moved behind it.
    private static func scalar(_ utf8: UnsafeRawBufferPointer, _ offset: inout Int) -> UInt32 {
        let first = UInt32(utf8[offset])
        offset += 1
        guard first >= 0x80 else { return first }
        let length = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1
        var value = first & (0x3F >> UInt32(length))
        // The bound only matters for what is no UTF-8: it must not be read beyond its end.
        let end = min(offset + length, utf8.count)
        while offset < end {
            value = value << 6 | UInt32(utf8[offset] & 0x3F)
            offset += 1
        }
        return value
    }
}
