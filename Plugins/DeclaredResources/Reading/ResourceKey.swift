/// What can be said of a resource.
enum ResourceKey: String, CaseIterable {
    case name, fields, unique, indexes, preconditions, table
}

/// What `preconditions` can be.
enum Preconditions: String, CaseIterable {
    case optional, required
}
