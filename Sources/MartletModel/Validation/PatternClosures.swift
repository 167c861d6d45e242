/// Finds what a ``PatternProgram`` reaches without taking a scalar.
struct PatternClosures {
    struct Closure {
        /// The places, ascending, that are reached and take a scalar; none when the pattern is found.
        var places: [Int32] = []
        var isFound = false
        /// The pattern is found when the text ends here.
        var isFoundAtEnd = false
    }

    private let program: PatternProgram
    /// For each instruction, the closure in which it was reached last.
    private var reached: [Int]
    private var count = 0
    /// What it has taken so far.
    private(set) var steps = 0

    init(_ program: PatternProgram) {
        self.program = program
        reached = Array(repeating: 0, count: program.instructions.count)
    }

    /// What is reached from any of these places.
    mutating func closure(of places: [Int32], isStart: Bool) -> Closure {
        count += 1
        var ends: [Int32] = []
        if follow(places, isStart: isStart, &ends, isEnd: false) { return Closure(isFound: true) }
        let taking = reached.indices.filter { reached[$0] == count && program.instructions[$0].takesScalar }
        let isFoundAtEnd = follow(ends.map { $0 + 1 }, isStart: isStart, &ends, isEnd: true)
        return Closure(places: taking.map { Int32($0) }, isFoundAtEnd: isFoundAtEnd)
    }

    /// Marks what is reached from places, each once.
    /// - Parameters:
    ///   - ends: gets the places that only the end of the text passes.
    ///   - isEnd: it is the end.
    /// - Returns: whether the pattern is found.
    private mutating func follow(_ places: [Int32], isStart: Bool, _ ends: inout [Int32], isEnd: Bool) -> Bool {
        var pending = places
        while let place = pending.popLast() {
            steps += 1
            guard reached[Int(place)] != count else { continue }
            reached[Int(place)] = count
            switch program.instructions[Int(place)] {
            case .scalar, .any, .set: break
            case .start: if isStart { pending.append(place + 1) }
            case .end: if isEnd { pending.append(place + 1) } else { ends.append(place) }
            case .jump(let target): pending.append(target)
            case .split(let one, let other): pending += [one, other]
            case .found: return true
            }
        }
        return false
    }
}

extension PatternProgram.Instruction {
    var takesScalar: Bool {
        switch self {
        case .scalar, .any, .set: true
        case .start, .end, .jump, .split, .found: false
        }
    }
}
