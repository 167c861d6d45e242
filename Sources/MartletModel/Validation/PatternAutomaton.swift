/// A ``PatternProgram`` as a deterministic automaton. A search takes one look-up for each scalar of a text, whatever the
/// pattern and the text: clients choose the texts, and a search holds the event loop.
///
/// It is made when the pattern is declared, by the subset construction: a state is the set of places at which the program
/// could be. For a few patterns there are too many such sets: a ``PositionAutomaton`` searches for these.
struct PatternAutomaton: Sendable {
    static let maxStates = 4096
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
    init?(_ program: PatternProgram, _ classes: ScalarClasses) {
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
    static func scalar(_ utf8: UnsafeRawBufferPointer, _ offset: inout Int) -> UInt32 {
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
    private var closures: PatternClosures

    init(_ program: PatternProgram, _ classes: ScalarClasses) {
        (self.program, self.classes) = (program, classes)
        closures = PatternClosures(program)
    }

    private var isTooLarge: Bool {
        states.count > PatternAutomaton.maxStates || hasTakenTooLong
            || states.count * classes.count > PatternAutomaton.maxTransitions
    }

    private var hasTakenTooLong: Bool { steps + closures.steps > PatternAutomaton.maxSteps }

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
        guard !hasTakenTooLong else { return PatternAutomaton.dead }
        let closure = closures.closure(of: places, isStart: isStart)
        if closure.isFound { return PatternAutomaton.found }
        let (set, isFoundAtEnd) = (closure.places, closure.isFoundAtEnd)
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
}
