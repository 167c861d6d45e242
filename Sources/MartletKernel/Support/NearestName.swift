/// Of the names that are known, the one that a misspelt one most likely means; nil when none is close.
package func nearestName(to name: String, among known: some Sequence<String>) -> String? {
    // A longer one is no slip of the hand, and comparing costs its length times the other's.
    guard name.utf8.count <= 100 else { return nil }
    let limit = max(1, name.utf8.count / 3)
    let candidates = known.map { (distance: editDistance(name.lowercased(), $0.lowercased()), name: $0) }
    return candidates.filter { $0.distance <= limit }.min { $0 < $1 }?.name
}

/// How many slips lead from one text to the other: a byte left out, added, changed, or swapped with its neighbour
/// ("optimal string alignment").
private func editDistance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a.utf8), Array(b.utf8))
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
        var row = [i + 1]
        for j in b.indices {
            var distance = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                distance = min(distance, beforeLast[j - 1] + 1)
            }
            row.append(distance)
        }
        (beforeLast, last) = (last, row)
    }
    return last[b.count]
}
