import MartletModel

/// An answer as it came.
struct RawAnswer: Sendable {
    let statusLine: String
    let fields: [(name: String, value: String)]
    let body: String

    var status: Int { statusLine.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0 }

    /// The value of a field that is there once.
    subscript(name: String) -> String? {
        let values = fields.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
        return values.count == 1 ? values[0] : nil
    }

    var json: JSONValue? { try? JSONValue(json: body) }

    /// The problem's code, if this is one in all its parts.
    var problemCode: String? {
        guard self["Content-Type"] == "application/problem+json", let json, json["status"]?.integer == status,
            let id = json["requestId"]?.string, id == self["X-Request-Id"], let code = json["code"]?.string,
            json["type"]?.string == "urn:martlet:problem:\(code)", json["title"] != nil, json["detail"] != nil
        else { return nil }
        return code
    }

    /// The problem's errors as `#/field code`.
    var errors: [String] {
        (json?["errors"]?.array ?? []).map { error in
            let place = error["pointer"]?.string ?? error["parameter"]?.string ?? "-"
            return "\(place) \(error["code"]?.string ?? "-")"
        }
    }

    /// - Returns: Nil while it isn't whole.
    static func parse(_ bytes: [UInt8], isHead: Bool) throws -> (RawAnswer, length: Int)? {
        guard let end = bytes.indices.dropLast(3).first(where: { Array(bytes[$0..<$0 + 4]) == [13, 10, 13, 10] }) else {
            return nil
        }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).components(separatedBy: "\r\n")
        let fields = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
            return (name: parts[0], value: parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
        }
        let lengths = fields.filter { $0.name == "Content-Length" }.compactMap { Int($0.value) }
        guard lengths.count <= 1 else { throw RawConnection.Failure(description: "two lengths: \(lines)") }
        let status = lines[0].split(separator: " ").dropFirst().first ?? ""
        let length: Int
        if isHead || ["100", "204", "304"].contains(status) {
            length = 0
        } else if let given = lengths.first {
            length = given
        } else {
            // Such an answer would end with the connection.
            throw RawConnection.Failure(description: "no length: \(lines)")
        }
        let start = end + 4
        guard bytes.count >= start + length else { return nil }
        let body = String(decoding: bytes[start..<start + length], as: UTF8.self)
        return (RawAnswer(statusLine: lines[0], fields: Array(fields), body: body), start + length)
    }
}

extension String {
    fileprivate func components(separatedBy separator: String) -> [String] {
        var parts: [String] = []
        var rest = Substring(self)
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }
}
