/// What a record is written for, which decides what it has to hold.
public enum WriteKind: Sendable, Equatable {
    /// A new record: every required field, no read-only one.
    case create
    /// The whole record with this key: every required field; the key may be there if it is this one, and other
    /// read-only fields are ignored, so that what was read can be sent back. Fields that are only written stay as they
    /// are when they are not given, unless the record may have to be made (`isCreating`).
    case replace(Key, isCreating: Bool)
    /// A part of a record: any writable fields. An absent one stays as it is.
    case patch

    /// The kind of PUT that a resource has.
    public static func replace(_ key: Key, of schema: ResourceSchema) -> WriteKind {
        .replace(key, isCreating: schema.key.key == .assigned)
    }

    package var mayMakeRecord: Bool {
        switch self {
        case .create, .replace(_, isCreating: true): true
        case .replace, .patch: false
        }
    }

    var keepsWriteOnly: Bool {
        if case .replace(_, isCreating: false) = self { true } else { false }
    }
}
