public import MartletModel

/// Logic of a resource beyond what its schema can say. A plugin contributes hooks to ``Capability/hooks``; they are attached
/// by the resource's name, so a resource that is declared in a file has them as well as one in Swift.
///
/// The hooks of a resource run in the order in which they were contributed, each on what the one before it left.
public protocol Hook: Sendable {
    /// The resource's name.
    var resource: String { get }

    /// Whether ``beforeWrite(_:)`` looks at ``ProposedWrite/stored``. The record is read before the commit then; if it has
    /// changed by the time of the commit, nothing is written, and the hook runs again.
    var needsStored: Bool { get }

    /// Before a record is created, changed or deleted: may change what is written, add mutations to the transaction, or
    /// refuse. It can run more than once for one write, so it does nothing else.
    /// - Throws: what the client gets; ``Problem/validationFailed(_:)`` with errors at fields of the record points at
    ///   them in whatever body they came.
    func beforeWrite(_ write: inout ProposedWrite) async throws(Problem)

    /// After the commit: observes, and can't refuse any more. The client's answer waits for it. It isn't run for a write
    /// that is answered from its idempotency entry, nor if the server dies first.
    func afterCommit(_ write: CommittedWrite) async
}

extension Hook {
    public var needsStored: Bool { false }
    public func beforeWrite(_ write: inout ProposedWrite) async throws(Problem) {}
    public func afterCommit(_ write: CommittedWrite) async {}
}
