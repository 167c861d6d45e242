/// What a schema says about a field beyond its type: the arguments of ``Field/init(_:_:_:)``.
public enum Constraint: Sendable, Equatable {
    /// The field that identifies a record. Every schema has exactly one.
    case key(KeyKind)
    /// A string's length in Unicode scalars, or how many bytes a `bytes` field has.
    case length(ClosedRange<Int>)
    /// The least and the greatest value of an integer or a number.
    case range(ValueRange)
    /// A regular expression that is found in the string: see ``Pattern`` for what it may say.
    case pattern(String)
    /// A string's syntax.
    case format(Format)
    /// What an enumeration can be. A Swift type brings its own.
    case values([String])
    /// No two records have the same value here.
    case unique(Uniqueness)
    /// Queries by this field are to be fast.
    case indexed
    /// What a new record gets that comes without the field, and what PUT sets then; as JSON has it.
    case `default`(JSONValue)
    /// Clients can't write it: it has its default, or what a hook sets.
    case readOnly
    /// Clients write it and never read it, such as a password.
    case writeOnly
    /// The server keeps it.
    case managed(ManagedField)
    /// The key of a record of another resource, or of this one.
    case reference(Reference)
    /// The column's name, where it isn't the field's in snake_case.
    case column(String)
    /// The name that the field had before: its values are kept. The next start gives the column the new name. Once every
    /// database has had it, this can go.
    case renamedFrom(String)
}

extension Constraint {
    /// An e-mail address as the HTML standard has it.
    public static var email: Constraint { .format(.email) }

    /// No two records have the same value here.
    /// - Parameter ignoringCase: `Ada@x.org` and `ada@x.ORG` are the same. Only ASCII letters have a case here.
    public static func unique(ignoringCase: Bool) -> Constraint {
        .unique(ignoringCase ? .ignoringASCIICase : .exact)
    }

    /// No two records have the same value here.
    public static var unique: Constraint { .unique(.exact) }

    public static func range(_ range: ClosedRange<Int64>) -> Constraint { .range(.integers(range)) }
    public static func range(_ range: PartialRangeFrom<Int64>) -> Constraint { .range(range.lowerBound ... .max) }
    public static func range(_ range: PartialRangeThrough<Int64>) -> Constraint { .range(.min...range.upperBound) }

    @_disfavoredOverload
    public static func range(_ range: ClosedRange<Double>) -> Constraint { .range(.numbers(range)) }

    public static func length(_ length: PartialRangeFrom<Int>) -> Constraint { .length(length.lowerBound ... .max) }
    public static func length(_ length: PartialRangeThrough<Int>) -> Constraint { .length(0...length.upperBound) }

    /// The key of a record of another resource.
    /// - Parameter onDelete: what becomes of this record when that one is deleted.
    public static func references(_ resource: String, onDelete: DeleteRule = .restrict) -> Constraint {
        .reference(Reference(resource, onDelete: onDelete))
    }
}

/// Where a record's key comes from.
public enum KeyKind: String, Sendable, CaseIterable, Codable {
    /// The server assigns it, and never again, also after its record was deleted: an integer, or a UUID of version 7.
    case generated
    /// The client assigns it when it creates the record: an integer, a string or a UUID.
    case assigned
}

/// A field that the server keeps.
public enum ManagedField: String, Sendable, CaseIterable {
    /// When the record was created.
    case createdAt
    /// When it was last changed.
    case updatedAt
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

/// What an integer or a number may be. Where there is no bound, it is the type's own.
public enum ValueRange: Sendable, Equatable {
    case integers(ClosedRange<Int64>)
    case numbers(ClosedRange<Double>)
}

/// That a field is the key of a record.
public struct Reference: Sendable, Equatable {
    /// The resource that the record is of.
    public let resource: String
    public let onDelete: DeleteRule

    public init(_ resource: String, onDelete: DeleteRule = .restrict) {
        self.resource = resource
        self.onDelete = onDelete
    }
}

/// What becomes of a record when the one that it refers to is deleted.
public enum DeleteRule: String, Sendable, CaseIterable {
    /// That one can't be deleted as long as this one refers to it.
    case restrict
    /// It is deleted too.
    case cascade
    /// Its reference becomes null.
    case setNull
}
