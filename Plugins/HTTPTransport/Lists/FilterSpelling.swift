import MartletKernel
import MartletModel

/// What a parameter that isn't known was likely meant to be: other servers spell filters and pages in other ways.
enum FilterSpelling {
    /// - Parameter fields: those that can be filtered by.
    /// - Returns: what to write instead; nil when there is nothing that was likely meant.
    static func hint(for name: String, among fields: [FieldSchema]) -> String? {
        guard isShort(name) else { return nil }
        if pages.contains(folded(name)) {
            return
                "pages have no numbers; limit=… sets their size, and cursor=… comes from the page before (Link, rel=\"next\")"
        }
        if orders.contains(folded(name)) { return "lists are sorted by sort=name, or sort=-name for the reverse" }
        return filterHint(for: name, among: fields, ListOptions.names)
    }

    /// The same where only a filter can be.
    /// - Parameter options: what else may have been meant.
    static func filterHint(for name: String, among fields: [FieldSchema], _ options: [String] = []) -> String? {
        guard isShort(name) else { return nil }
        if let filter = filter(name, fields) { return "write \(filter)=…" }
        return nearestName(to: name, among: options + fields.map(\.name)).map { "did you mean \($0)?" }
    }

    /// What a client sends is bounded by the target's size alone; a name has at most 63 bytes.
    private static func isShort(_ name: String) -> Bool { (1...100).contains(name.utf8.count) }

    /// `id[gt]`, `id__gt`, `id>`, `filter[id]`: a field's name, and what stands behind it.
    private static func filter(_ name: String, _ fields: [FieldSchema]) -> String? {
        var name = name[...]
        for prefix in ["filter[", "where["] where name.hasPrefix(prefix) {
            name = name.dropFirst(prefix.count)
            if let end = name.firstIndex(of: "]") { name.remove(at: end) }
        }
        let end = name.firstIndex { !$0.isASCII || !($0.isLetter || $0.isNumber) } ?? name.endIndex
        guard let field = fields.first(where: { $0.name == name[..<end] }) else { return nil }
        let rest = name[end...]
        let isComparison = rest.first.map { "<>!=~".contains($0) } == true
        var text = rest.filter { isComparison ? "<>!=~".contains($0) : $0.isLetter || $0.isNumber }
        // Of `id>=5` the name is `id>`; `id>5` has no `=`, and is a name as a whole.
        if isComparison, text == rest { text += "=" }
        guard let operation = rest.isEmpty ? .equal : operation(String(text)),
            field.filterOperators.contains(operation)
        else { return nil }
        return operation == .equal ? field.name : "\(field.name).\(operation.rawValue)"
    }

    /// `name:desc`, `name desc`, `+name`: how `sort` has it.
    static func order(_ text: String, among names: [String]) -> String? {
        guard text.utf8.count <= 100 else { return nil }
        let words = text.split { !($0.isLetter || $0.isNumber) }.map(String.init)
        guard (1...2).contains(words.count), let name = words.first(where: names.contains) else { return nil }
        switch words.first(where: { $0 != name })?.lowercased() {
        case "desc", "descending": return "-\(name)"
        case "asc", "ascending": return name
        // A plus sign is a space in a query.
        case nil: return text == " \(name)" ? name : nil
        default: return nil
        }
    }

    /// By the names that other servers have for it.
    static func operation(_ text: String) -> FilterOperator? {
        switch text.lowercased() {
        case "eq", "equals", "exact", "is", "=", "==": .equal
        case "ne", "neq", "not", "noteq", "!", "!=", "<>": .notEqual
        case "gt", ">", "after": .greater
        case "gte", "ge", "min", "from", ">=": .greaterOrEqual
        case "lt", "<", "before": .less
        case "lte", "le", "max", "to", "<=": .lessOrEqual
        case "in", "oneof": .oneOf
        case "like", "contains", "startswith", "endswith", "~": .like
        case "ilike", "icontains", "iexact": .likeIgnoringCase
        case "null", "isnull", "isempty": .isNull
        default: nil
        }
    }

    private static func folded(_ name: String) -> String {
        name.lowercased().filter { $0.isLetter || $0.isNumber }
    }

    private static let pages: Set<String> = [
        "page", "pagenumber", "pageno", "pagesize", "perpage", "offset", "skip", "start", "startat", "top", "take",
        "size",
        "first", "after", "before", "last", "starting", "startingafter", "endingbefore", "pagetoken", "next",
    ]
    private static let orders: Set<String> = [
        "order", "orderby", "ordering", "sortby", "sortorder", "direction", "dir",
    ]
}
