import MartletKernel

/// The mistakes of all files, as they are found.
struct Issues {
    private(set) var list: [ConfigurationIssue] = []

    /// A mistake of what a node says.
    mutating func add(_ node: YAMLNode, _ message: String) {
        list.append(node.issue(message))
    }

    mutating func add(_ issue: ConfigurationIssue) {
        list.append(issue)
    }

    /// In the order of the files, and of their lines.
    func sorted(_ files: [String]) -> [ConfigurationIssue] {
        let ranks = Dictionary(files.enumerated().map { ($1, $0) }) { first, _ in first }
        func place(_ issue: ConfigurationIssue) -> (Int, Int, Int) {
            switch issue.origin {
            case .file(let path, let line, let column): (ranks[path] ?? 0, line, column)
            case .wholeFile(let path): (ranks[path] ?? 0, 0, 0)
            default: (0, 0, 0)
            }
        }
        return list.sorted { place($0) < place($1) }
    }
}

/// What to say of a name that isn't known: what was likely meant, or what is known.
func unknown(_ what: String, _ name: String, among known: [String]) -> String {
    if let nearest = nearestName(to: name, among: known) {
        return "unknown \(what) \(quoted(name)): did you mean \(nearest)?"
    }
    return "unknown \(what) \(quoted(name)): known: \(known.joined(separator: ", "))"
}
