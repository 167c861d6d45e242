/// The parameters of a list that are no filters.
struct ListOptions: OptionSet {
    let rawValue: UInt8

    static let limit = ListOptions(rawValue: 1)
    static let cursor = ListOptions(rawValue: 2)
    static let sort = ListOptions(rawValue: 4)
    static let fields = ListOptions(rawValue: 8)
    static let expand = ListOptions(rawValue: 16)
    static let count = ListOptions(rawValue: 32)
    /// Filters of which one has to hold.
    static let or = ListOptions(rawValue: 64)

    static let names = ["limit", "cursor", "sort", "fields", "expand", "count", "or"]

    /// The one of this name, if there is one.
    static func named(_ name: UnsafeRawBufferPointer) -> ListOptions? {
        switch name.count {
        case 2 where name.equals("or"): .or
        case 4 where name.equals("sort"): .sort
        case 5 where name.equals("limit"): .limit
        case 5 where name.equals("count"): .count
        case 6 where name.equals("cursor"): .cursor
        case 6 where name.equals("fields"): .fields
        case 6 where name.equals("expand"): .expand
        default: nil
        }
    }
}
