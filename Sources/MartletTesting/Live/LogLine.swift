import Foundation

/// One line of a server's log: a JSON object.
public struct LogLine: Sendable {
    /// Its members that are texts.
    public let texts: [String: String]

    /// The lines of a log that are JSON objects; others, and an unfinished last one, are left out.
    public static func all(in log: String) -> [LogLine] {
        log.split(separator: "\n").compactMap { line in
            guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
                return nil
            }
            return LogLine(texts: object.compactMapValues { $0 as? String })
        }
    }

    /// Where the server listens, in the line that says so.
    public var address: String? { texts["address"] }
}
