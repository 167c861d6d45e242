/// A regular expression in the part that POSIX ERE and ECMAScript (with its flag `u`) share, so that it means the same
/// in a database, in an OpenAPI document and here.
///
/// | spelling | means |
/// |---|---|
/// | `.` | any scalar but U+000A, U+000D, U+2028 and U+2029, as in ECMAScript: POSIX lets it match these too |
/// | `[a-z_]` `[^a-z]` | a scalar that is, or is not, in these ranges of values; `-` stands first or last; `\\` is a backslash |
/// | `*` `+` `?` `{m}` `{m,}` `{m,n}` | repetitions of what is before, 1000 at the most |
/// | `(…)` `…\|…` | a group, alternatives |
/// | `^` `$` | the start and the end of the whole text, never of a line |
/// | `\` and one of `^ $ \ . * + ? ( ) [ ] { } \|` | this character |
/// | any other character | itself |
///
/// What the two read differently is refused: `\d`, `\b`, back references, lazy quantifiers, `(?`, `[:alpha:]` and any
/// other `[` in a class, `]` as its first character, other escapes in it, empty alternatives, `]` and `}` without a
/// backslash. POSIX leaves `\]` and `\}` undefined, but its implementations agree with ECMAScript, which demands them.
///
/// A pattern is searched for, so it may match anywhere unless it is anchored. The search compares Unicode scalars, and takes
/// one look-up for each of them, or for patterns with many positions a bounded number of operations, whatever the text.
/// Patterns for which that can't be had are refused.
public struct Pattern: Sendable, CustomStringConvertible {
    /// As it was given.
    public let source: String
    private let automaton: Automaton

    private enum Automaton: Sendable {
        case states(PatternAutomaton)
        case positions(PositionAutomaton)
    }

    /// - Throws: ``SchemaError`` that says what is wrong, and where: a whole sentence that begins with `the pattern`,
    ///   and counts the scalars before the offence.
    public init(_ source: String) throws(SchemaError) {
        var parser = PatternParser(source)
        self.source = source
        let program = try PatternProgram(try parser.parse(), of: source)
        let classes = ScalarClasses(program)
        if let automaton = PatternAutomaton(program, classes) {
            self.automaton = .states(automaton)
        } else if let automaton = PositionAutomaton(program, classes) {
            self.automaton = .positions(automaton)
        } else {
            throw SchemaError(
                "the pattern \"\(source)\" is too large: a search in any text would need an automaton of more than "
                    + "\(PatternAutomaton.maxStates) states; smaller repetitions, or an anchor at the start, need fewer"
            )
        }
    }

    /// Whether the pattern is found in a text.
    /// - Parameter utf8: valid UTF-8.
    public func matches(_ utf8: UnsafeRawBufferPointer) -> Bool {
        switch automaton {
        case .states(let automaton): automaton.isFound(in: utf8)
        case .positions(let automaton): automaton.isFound(in: utf8)
        }
    }

    /// Whether the pattern is found in a text.
    public func matches(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { matches(UnsafeRawBufferPointer($0)) }
    }

    public var description: String { source }
}

extension Pattern: Equatable {
    /// The same text is the same pattern.
    public static func == (one: Pattern, other: Pattern) -> Bool { one.source == other.source }
}
