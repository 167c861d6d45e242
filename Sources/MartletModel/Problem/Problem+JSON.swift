extension JSONWriter {
    /// Writes a problem as RFC 9457 has it, with our members beside the standard's.
    public mutating func write(_ problem: Problem) {
        write(problem.json)
    }
}

extension Problem {
    /// What precedes ``code`` in the member `type`.
    public static let typePrefix = "urn:martlet:problem:"

    /// The problem as clients get it: without its ``cause``.
    public var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("type", .string(Self.typePrefix + code.rawValue)),
            .init("title", .string(Self.title(of: status))),
            .init("status", .integer(status)),
            .init("code", .string(code.rawValue)),
            .init("detail", .string(detail)),
        ]
        if let requestID { members.append(.init("requestId", .string(requestID))) }
        if !errors.isEmpty { members.append(.init("errors", .array(errors.map(\.json)))) }
        return .object(members)
    }

    /// Reads an answer of type `application/problem+json`: this server's, or as much as another one's has of it.
    /// - Parameter status: the answer's, which holds if the body has none.
    /// - Throws: ``JSONError`` if it is no JSON object.
    public init(json text: UnsafeRawBufferPointer, status: Int) throws(JSONError) {
        let value = try JSONValue(json: text)
        guard value.members != nil else { throw JSONError(offset: 0, "a problem must be an object") }
        self.init(
            ProblemCode(rawValue: value["code"]?.string ?? value["type"]?.string ?? "about:blank"),
            value["detail"]?.string ?? value["title"]?.string ?? Self.title(of: status),
            errors: value["errors"]?.array?.compactMap(FieldError.init(json:)) ?? [])
        self.status = value["status"]?.integer ?? status
        requestID = value["requestId"]?.string
    }

    /// The reason phrase of a status; "Error" for one that the server doesn't answer with.
    public static func title(of status: Int) -> String {
        ResponseStatus(rawValue: status)?.reasonPhrase ?? "Error"
    }
}

extension FieldError {
    var json: JSONValue {
        let place: JSONValue.Member =
            switch location {
            case .pointer(let pointer): .init("pointer", .string(pointer))
            case .parameter(let name): .init("parameter", .string(name))
            }
        return .object([place, .init("code", .string(code.rawValue)), .init("detail", .string(detail))])
    }

    init?(json: JSONValue) {
        let location: Location
        if let pointer = json["pointer"]?.string {
            location = .pointer(pointer)
        } else if let parameter = json["parameter"]?.string {
            location = .parameter(parameter)
        } else {
            return nil
        }
        self.init(at: location, Code(rawValue: json["code"]?.string ?? ""), json["detail"]?.string ?? "")
    }
}
