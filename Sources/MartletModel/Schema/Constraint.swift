/// What a schema says about a field beyond its type: the arguments of ``Field/init(_:_:_:)``.
public enum Constraint: Sendable, Equatable {
    /// The field that identifies a record. Every schema has exactly one.
    case key(KeyKind)
    /// A string's length in Unicode scalars.
    case length(ClosedRange<Int>)
    /// A string's syntax.
    case format(Format)
    /// No two records have the same value here.
    case unique(Uniqueness)
    /// Queries by this field are to be fast.
    case indexed

    /// An e-mail address as the HTML standard has it.
    public static var email: Constraint { .format(.email) }

    /// No two records have the same value here.
    /// - Parameter ignoringCase: `Ada@x.org` and `ada@x.ORG` are the same. Only ASCII letters have a case here.
    public static func unique(ignoringCase: Bool) -> Constraint {
        .unique(ignoringCase ? .ignoringASCIICase : .exact)
    }

    /// No two records have the same value here.
    public static var unique: Constraint { .unique(.exact) }
}

/// Where a record's key comes from.
public enum KeyKind: Sendable, Equatable {
    /// The storage assigns it: an integer that is never used again, also after its record was deleted.
    case generated
}

/// When two values count as the same.
public enum Uniqueness: Sendable, Equatable {
    case exact
    /// `A` to `Z` equal `a` to `z`; every other character equals itself alone.
    case ignoringASCIICase
}

/// A syntax that a string keeps to.
public enum Format: String, Sendable, CaseIterable {
    /// The pattern of <https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address>.
    case email
}
