/// What accompanies a request from the transport to the storage: who asks, until when, and under which id.
///
/// It has no default anywhere: a call that forgot it would act for nobody.
public struct RequestContext: Sendable {
    /// Names the request in its response and in the log.
    public let requestID: String
    /// Who asks.
    public let principal: Principal
    /// When the caller stops waiting. A storage gives up then, or sooner at its own timeout. Nil: its timeout alone counts.
    public var deadline: ContinuousClock.Instant?
    /// Holds the bytes of the records that the request reads and writes. What it has no room for is refused as
    /// `overloaded`. Nil: they aren't counted.
    public let reservation: BufferReservation?

    public init(
        requestID: String, principal: Principal, deadline: ContinuousClock.Instant? = nil,
        reservation: BufferReservation? = nil
    ) {
        self.requestID = requestID
        self.principal = principal
        self.deadline = deadline
        self.reservation = reservation
    }

    /// When a wait of up to `timeout` ends: ``deadline``, if that is sooner.
    public func deadline(within timeout: Duration) -> ContinuousClock.Instant {
        let end = ContinuousClock.now + timeout
        return deadline.map { min($0, end) } ?? end
    }
}

/// Who sends a request.
public struct Principal: Sendable, Equatable {
    /// Unique among all principals, however they have signed in; empty for the anonymous one.
    public let identity: String

    /// Nobody has signed in.
    public static let anonymous = Principal(identity: "")

    package init(identity: String) {
        self.identity = identity
    }
}
