/// A ``PatternProgram`` as a deterministic automaton. A search takes one look-up for each scalar of a text, whatever the
/// pattern and the text: clients choose the texts, and a search holds the event loop.
///
/// It is made when the pattern is declared, by the subset construction: a state is the set of places at which the program
/// could be. For a few patterns there are too many such sets; these are refused.
struct PatternAutomaton: Sendable {
    static let maxStates = 8192
    /// Of the table: 8 MiB.
    static let maxTransitions = 1 << 22
    /// What making it may take: a fraction of a second.
    static let maxSteps = 1 << 24

    fileprivate static let dead: UInt16 = 0
    fileprivate static let found: UInt16 = 1

    private let classes: ScalarClasses
    /// State by state, the next one for each class of scalars.
    private let transitions: [UInt16]
    /// For each state, whether the pattern is found when the text ends there.
    private let isFoundAtEnd: [Bool]
    private let start: UInt16

    /// - Returns: nil when it would become too large.
    init?(_ program: PatternProgram) {
        let classes = ScalarClasses(program)
        var builder = AutomatonBuilder(program, classes)
        guard let start = builder.build() else { return nil }
        (self.classes, self.start) = (classes, start)
        (transitions, isFoundAtEnd) = (builder.transitions, builder.isFoundAtEnd)
    }

    /// Whether the pattern is found in a text.
    /// - Parameter utf8: valid UTF-8.
    func isFound(in utf8: UnsafeRawBufferPointer) -> Bool {
        var state = start
        var offset = 0
        let width = classes.count
        return transitions.withUnsafeBufferPointer { transitions in
            while offset < utf8.count {
                guard state > Self.found else { return state == Self.found }
                let scalar = Self.scalar(utf8, &offset)
                state = transitions[Int(state) * width + classes[scalar]]
            }
            return isFoundAtEnd[Int(state)]
        }
    }

    /// The scalar at an offset, which is moved after it.
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

/// Scalars that a program doesn't tell apart.
private struct ScalarClasses: Sendable {
    /// Of all instructions that take a scalar, those that take the same ones share a number.
    fileprivate private(set) var symbols: [Int32]
    /// For each symbol, the classes whose scalars it takes.
    fileprivate private(set) var classes: [[Int]]
    private(set) var count = 0
    /// The class of each ASCII character.
    private var ascii: [Int] = []
    /// Ascending, where another class begins, and which.
    private var bounds: [UInt32] = []
    private var classOfBound: [Int] = []

    init(_ program: PatternProgram) {
        var (symbolOfScalar, anySymbol, next): ([UInt32: Int32], Int32?, Int32) = ([:], nil, 0)
        var symbolOfSet = [Int32](repeating: -1, count: program.sets.count)
        var starts: Set<UInt32> = [0]
        func new() -> Int32 { defer { next += 1 }; return next }
        symbols = program.instructions.map { instruction in
            switch instruction {
            case .scalar(let value):
                starts.formUnion([value, value + 1])
                if symbolOfScalar[value] == nil { symbolOfScalar[value] = new() }
                return symbolOfScalar[value] ?? 0
            case .any:
                starts.formUnion([0x0A, 0x0B, 0x0D, 0x0E, 0x2028, 0x202A])
                if anySymbol == nil { anySymbol = new() }
                return anySymbol ?? 0
            case .set(let index):
                for range in program.sets[Int(index)].ranges {
                    starts.formUnion([range.lowerBound, range.upperBound + 1])
                }
                symbolOfSet[Int(index)] = new()
                return symbolOfSet[Int(index)]
            case .start, .end, .jump, .split, .found: return -1
            }
        }
        classes = Array(repeating: [], count: Int(next))
        bounds = starts.sorted()
        var known: [[Int32]: Int] = [:]
        for value in bounds {
            var taken = program.sets.indices.filter { program.sets[$0].contains(value) }.map { symbolOfSet[$0] }
            if let symbol = symbolOfScalar[value] { taken.append(symbol) }
            if let anySymbol, PatternProgram.isAny(value) { taken.append(anySymbol) }
            if known[taken] == nil {
                known[taken] = count
                for symbol in taken { classes[Int(symbol)].append(count) }
                count += 1
            }
            classOfBound.append(known[taken] ?? 0)
        }
        ascii = (0..<128).map(search)
    }

    /// The class of a scalar.
    subscript(_ value: UInt32) -> Int {
        value < 128 ? ascii[Int(value)] : search(value)
    }

    private func search(_ value: UInt32) -> Int {
        var (low, high) = (0, bounds.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if bounds[middle] <= value { low = middle } else { high = middle }
        }
        return classOfBound[low]
    }
}

private struct AutomatonBuilder {
    /// Places at which the program could be, all of which take a scalar.
    private struct State: Hashable {
        let places: [Int32]
        let isFoundAtEnd: Bool
    }

    private let program: PatternProgram
    private let classes: ScalarClasses
    private(set) var transitions: [UInt16] = []
    private(set) var isFoundAtEnd: [Bool] = []
    private var states: [[Int32]] = []
    private var numbers: [State: UInt16] = [:]
    private var steps = 0
    /// For each instruction, the closure in which it was reached last.
    private var reached: [Int]
    private var closure = 0

    init(_ program: PatternProgram, _ classes: ScalarClasses) {
        (self.program, self.classes) = (program, classes)
        reached = Array(repeating: 0, count: program.instructions.count)
    }

    private var isTooLarge: Bool {
        states.count > PatternAutomaton.maxStates || steps > PatternAutomaton.maxSteps
            || states.count * classes.count > PatternAutomaton.maxTransitions
    }

    /// - Returns: the state at the start of a text; nil when the automaton becomes too large.
    mutating func build() -> UInt16? {
        states = [[], []]
        isFoundAtEnd = [false, true]
        let start = state(after: [0], isStart: true)
        transitions = Array(repeating: PatternAutomaton.dead, count: classes.count)
        transitions += Array(repeating: PatternAutomaton.found, count: classes.count)
        var number = 2
        while number < states.count {
            guard !isTooLarge else { return nil }
            addTransitions(of: states[number])
            number += 1
        }
        return isTooLarge ? nil : start
    }

    private mutating func addTransitions(of places: [Int32]) {
        var next = [[Int32]](repeating: [], count: classes.count)
        for place in places {
            for taken in classes.classes[Int(classes.symbols[Int(place)])] {
                next[taken].append(place + 1)
                steps += 1
            }
        }
        var stateOfNothing: UInt16?
        for places in next {
            if places.isEmpty, let stateOfNothing {
                transitions.append(stateOfNothing)
            } else {
                let number = state(after: program.isAnchored ? places : places + [0], isStart: false)
                if places.isEmpty { stateOfNothing = number }
                transitions.append(number)
            }
        }
    }

    /// The state of all places that are reached from these without taking a scalar.
    private mutating func state(after places: [Int32], isStart: Bool) -> UInt16 {
        guard steps <= PatternAutomaton.maxSteps else { return PatternAutomaton.dead }
        closure += 1
        var ends: [Int32] = []
        if follow(places, isStart: isStart, &ends, isEnd: false) { return PatternAutomaton.found }
        let set = placesReached()
        let isFoundAtEnd = follow(ends.map { $0 + 1 }, isStart: isStart, &ends, isEnd: true)
        if set.isEmpty, !isFoundAtEnd { return PatternAutomaton.dead }
        let state = State(places: set, isFoundAtEnd: isFoundAtEnd)
        if let number = numbers[state] { return number }
        let number = UInt16(truncatingIfNeeded: states.count)
        guard states.count <= PatternAutomaton.maxStates else { return PatternAutomaton.dead }
        numbers[state] = number
        states.append(set)
        self.isFoundAtEnd.append(isFoundAtEnd)
        return number
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
            guard reached[Int(place)] != closure else { continue }
            reached[Int(place)] = closure
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

    /// The places, ascending, that were reached and take a scalar.
    private mutating func placesReached() -> [Int32] {
        return reached.indices.filter { reached[$0] == closure && classes.symbols[$0] >= 0 }.map { Int32($0) }
    }
}
