/// What a record is written for, which decides what it has to hold.
public enum WriteKind: Sendable, Equatable {
    /// A new record: every required field, no read-only one.
    case create
    /// The whole record with this key: every required field; the key may be there if it is this one, and other
    /// read-only fields are ignored, so that what was read can be sent back.
    case replace(Key)
    /// A part of a record: any writable fields. An absent one stays as it is.
    case patch
}
