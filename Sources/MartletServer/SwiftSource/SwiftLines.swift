/// Lists in parentheses, broken into lines as swift-format breaks them.
enum SwiftLines {
    static let width = 120

    /// A call, whose last argument ends with the closing parenthesis.
    static func call(_ head: String, _ items: [String], _ end: String, depth: Int) -> [String] {
        list(head, items, end, depth, endsOnLineOfItsOwn: false)
    }

    /// A declaration, whose closing parenthesis begins a line.
    static func declaration(_ head: String, _ items: [String], _ end: String, depth: Int) -> [String] {
        list(head, items, end, depth, endsOnLineOfItsOwn: true)
    }

    private static func list(
        _ head: String, _ items: [String], _ end: String, _ depth: Int, endsOnLineOfItsOwn: Bool
    ) -> [String] {
        let indent = String(repeating: "    ", count: depth)
        let whole = "\(indent)\(head)\(items.joined(separator: ", "))\(end)"
        guard whole.count > width else { return [whole] }
        var lines = ["\(indent)\(head)"]
        var line = ""
        for (index, item) in items.enumerated() {
            let isLast = index == items.count - 1
            let text = item + (isLast ? (endsOnLineOfItsOwn ? "" : end) : ",")
            if !line.isEmpty, line.count + 1 + text.count > width {
                lines.append(line)
                line = ""
            }
            line += line.isEmpty ? "\(indent)    \(text)" : " \(text)"
        }
        lines.append(line)
        return endsOnLineOfItsOwn ? lines + ["\(indent)\(end)"] : lines
    }
}
