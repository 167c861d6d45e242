import MartletModel

extension Query {
    /// Whether an index of the resource bounds how many records have to be looked at, to about as many as are answered. What it
    /// doesn't bound may look at all of them: a storage does that beside other work, and not for ever.
    public var isBounded: Bool {
        switch selection {
        case .key, .page: true
        case .count(let filter): IndexedConditions(filter, resource).matchesFewRecords
        case .list(let list): IndexedConditions(list.filter, resource).isBounded(by: list.order)
        }
    }
}
