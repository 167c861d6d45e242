/// An answer that no Martlet server gives to the request, as far as it helps to find out who did.
public struct UnexpectedAnswer: Error, Sendable, Equatable {
    public let status: Int
    /// The media type without its parameters.
    public let mediaType: String?
    /// The body's first bytes as text, 512 at the most.
    public let beginning: String
    /// How long whoever answered asks to wait, if in seconds.
    public let retryAfter: Duration?
    public let mayHaveTakenEffect: Bool

    init(_ response: ClientResponse, to method: HTTPMethod) {
        status = response.status
        mediaType = response.mediaType
        beginning = String(decoding: response.body.prefix(512), as: UTF8.self)
        retryAfter = response.retryAfter
        // A 4xx is a refusal whoever sent it. Behind a gateway's 5xx the server may have been at work.
        mayHaveTakenEffect = !method.isSafe && !(400..<500).contains(response.status)
    }
}

extension UnexpectedAnswer: CustomStringConvertible {
    public var description: String {
        "unexpected answer: status \(status), \(mediaType ?? "no media type"), begins with \(beginning.debugDescription)"
    }
}
