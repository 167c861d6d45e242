import Foundation

/// One line of a server's log: a JSON object.
public struct LogLine: Sendable {
    /// What happened.
    public let message: String
    /// What wrote it: `kernel`, or a plugin's id.
    public let label: String
    /// What belongs to it, as far as it is text.
    public let metadata: [String: String]

    /// The lines of a log; what is no JSON object, and an unfinished last line, is left out.
    public static func all(in log: String) -> [LogLine] {
        log.split(separator: "\n").compactMap { line in
            guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
                return nil
            }
            let metadata = object["metadata"] as? [String: Any] ?? [:]
            return LogLine(
                message: object["message"] as? String ?? "", label: object["label"] as? String ?? "",
                metadata: metadata.compactMapValues { $0 as? String })
        }
    }
}
