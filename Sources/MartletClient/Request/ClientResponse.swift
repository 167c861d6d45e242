/// A server's whole answer.
public struct ClientResponse: Sendable, Equatable {
    public let status: Int
    public let headers: HeaderFields
    /// As it was sent: no content coding is asked for and none is undone.
    public let body: [UInt8]

    /// The media type in lower case and without its parameters, or nil when the answer names none.
    var mediaType: String? {
        guard let value = headers["Content-Type"] else { return nil }
        let type = value.prefix { $0 != ";" }
        return String(decoding: type.utf8.filter { !isBlank($0) }, as: UTF8.self).lowercased()
    }
}
