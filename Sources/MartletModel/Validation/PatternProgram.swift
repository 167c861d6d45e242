/// A ``Pattern`` as instructions for a machine that is in many places of them at once: a nondeterministic automaton, as
/// <https://swtch.com/~rsc/regexp/regexp2.html> describes it.
struct PatternProgram: Sendable {
    enum Instruction {
        /// Takes this scalar, then goes on behind.
        case scalar(UInt32)
        /// Takes any scalar but a line terminator.
        case any
        /// Takes a scalar of one of the ``sets``.
        case set(Int32)
        /// Goes on behind at the start of the text only.
        case start
        /// Goes on behind at the end of the text only.
        case end
        case jump(Int32)
        /// Goes on in both places.
        case split(Int32, Int32)
        case found
    }

    static let maxLength = 4096

    /// Whether `.` takes a scalar.
    static func isAny(_ value: UInt32) -> Bool {
        value != 0x0A && value != 0x0D && value != 0x2028 && value != 0x2029
    }

    private(set) var instructions: [Instruction] = []
    private(set) var sets: [ScalarSet] = []
    /// It matches from the start of a text or not at all.
    private(set) var isAnchored = false

    /// - Throws: ``SchemaError`` when the pattern `source` becomes too long once its repetitions are written out.
    init(_ pattern: PatternNode, of source: String) throws(SchemaError) {
        guard write(pattern), append(.found) else {
            throw SchemaError(
                "the pattern \"\(source)\" is too large: with its repetitions written out it has more than "
                    + "\(Self.maxLength) steps")
        }
        isAnchored = !canBeginLater()
    }

    private var here: Int32 { Int32(truncatingIfNeeded: instructions.count) }

    /// False, as for all that writes, when the program would become too long.
    private mutating func append(_ instruction: Instruction) -> Bool {
        guard instructions.count < Self.maxLength else { return false }
        instructions.append(instruction)
        return true
    }

    private mutating func write(_ node: PatternNode) -> Bool {
        switch node {
        case .empty: return true
        case .scalar(let value): return append(.scalar(value))
        case .any: return append(.any)
        case .set(let set):
            sets.append(set)
            return append(.set(Int32(truncatingIfNeeded: sets.count - 1)))
        case .start: return append(.start)
        case .end: return append(.end)
        case .sequence(let nodes): return nodes.allSatisfy { write($0) }
        case .alternatives(let branches): return write(branches)
        case .repetition(let node, let least, let most): return write(node, least, most)
        }
    }

    private mutating func write(_ branches: [PatternNode]) -> Bool {
        var jumps: [Int] = []
        for branch in branches.dropLast() {
            let split = instructions.count
            guard append(.jump(0)), write(branch), append(.jump(0)) else { return false }
            jumps.append(instructions.count - 1)
            instructions[split] = .split(Int32(truncatingIfNeeded: split + 1), here)
        }
        guard let last = branches.last, write(last) else { return false }
        for jump in jumps { instructions[jump] = .jump(here) }
        return true
    }

    private mutating func write(_ node: PatternNode, _ least: Int, _ most: Int?) -> Bool {
        var last = here
        for _ in 0..<least {
            last = here
            guard write(node) else { return false }
        }
        guard let most else { return least > 0 ? append(.split(last, here + 1)) : writeLoop(node) }
        // One inside the other, as a(a(a)?)?, so that each place has one way out.
        var splits: [Int] = []
        for _ in least..<most {
            splits.append(instructions.count)
            guard append(.jump(0)), write(node) else { return false }
        }
        for split in splits { instructions[split] = .split(Int32(truncatingIfNeeded: split + 1), here) }
        return true
    }

    private mutating func writeLoop(_ node: PatternNode) -> Bool {
        let split = here
        guard append(.jump(0)), write(node), append(.jump(split)) else { return false }
        instructions[Int(split)] = .split(split + 1, here)
        return true
    }

    /// Whether anything but a start of text is reached without taking a scalar.
    private func canBeginLater() -> Bool {
        var isSeen = [Bool](repeating: false, count: instructions.count)
        var pending = [0]
        while let place = pending.popLast() {
            guard !isSeen[place] else { continue }
            isSeen[place] = true
            switch instructions[place] {
            case .start: break
            case .end: pending.append(place + 1)
            case .jump(let target): pending.append(Int(target))
            case .split(let one, let other): pending += [Int(one), Int(other)]
            case .scalar, .any, .set, .found: return true
            }
        }
        return false
    }
}
