/// Requests that tests send.
enum Requests {
    static let ada = #"{"name":"Ada","email":"ada@example.org"}"#

    static func get(_ target: String, _ fields: String...) -> String {
        bare("GET", target, fields)
    }

    static func bare(_ method: String, _ target: String, _ fields: [String] = []) -> String {
        "\(method) \(target) HTTP/1.1\r\nHost: x\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
    }

    static func post(_ body: String, to target: String = "/users", type: String = "application/json") -> String {
        with(body, "POST", target, type: type)
    }

    static func with(
        _ body: String, _ method: String, _ target: String, type: String = "application/json", _ fields: String...
    ) -> String {
        bare(method, target, ["Content-Type: \(type)", "Content-Length: \(body.utf8.count)"] + fields) + body
    }

    /// The same as ``post(_:to:type:)``, in chunks of `size` bytes.
    static func chunkedPost(_ body: String, to target: String = "/users", size: Int = 7, trailers: String = "")
        -> String
    {
        bare("POST", target, ["Content-Type: application/json", "Transfer-Encoding: chunked"])
            + chunks(body, size: size) + "0\r\n\(trailers)\r\n"
    }

    static func chunks(_ body: String, size: Int) -> String {
        var (text, rest) = ("", Substring(body))
        while !rest.isEmpty {
            let chunk = rest.prefix(size)
            text += String(chunk.utf8.count, radix: 16) + "\r\n" + chunk + "\r\n"
            rest = rest.dropFirst(size)
        }
        return text
    }
}
