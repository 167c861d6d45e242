import MartletModel

/// One write of a batch.
struct BatchOperation: Sendable {
    let method: HTTPMethod
    let path: String
    let ifMatch: EntityTag?
    let body: [UInt8]?

    /// As a member of a batch's `operations`.
    func append(to json: inout [UInt8]) {
        json += "{\"method\":\"\(method.rawValue)\",\"path\":".utf8
        json += JSONValue.string(path).text
        if let body {
            json += ",\"body\":".utf8
            json += body
        }
        if let ifMatch {
            json += ",\"ifMatch\":".utf8
            json += JSONValue.string(ifMatch.rawValue).text
        }
        json += "}".utf8
    }
}
