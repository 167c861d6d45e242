public import MartletKernel

extension RequestContext {
    /// For calls that no request makes: anonymous, without a deadline.
    public static let test = RequestContext(requestID: "test", principal: .anonymous)
}
