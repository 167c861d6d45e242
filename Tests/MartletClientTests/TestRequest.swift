/// A request as the server got it.
struct TestRequest: Sendable, Equatable {
    /// The number of the connection that it came on.
    let connection: Int
    /// Request line and header lines.
    let head: String
    var body: [UInt8]

    var line: String { String(head.prefix { $0 != "\r\n" }) }

    /// Method and target.
    var target: String { line.split(separator: " ").dropLast().joined(separator: " ") }

    var text: String { String(decoding: body, as: UTF8.self) }

    subscript(name: String) -> String? {
        for line in head.split(separator: "\r\n").dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts[0].lowercased() == name.lowercased() {
                return parts.count == 2 ? String(parts[1].drop { $0 == " " }) : ""
            }
        }
        return nil
    }
}
