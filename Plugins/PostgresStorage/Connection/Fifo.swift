/// A queue whose both ends cost the same however long it is.
struct Fifo<Element> {
    private var storage: [Element] = []
    private var head = 0

    /// In their order.
    var elements: ArraySlice<Element> { storage[head...] }
    var isEmpty: Bool { head == storage.count }
    var count: Int { storage.count - head }
    var first: Element? { isEmpty ? nil : storage[head] }

    mutating func append(_ element: Element) {
        storage.append(element)
    }

    mutating func removeFirst() {
        head += 1
        // What was taken goes when it is the greater part.
        guard head > 32, head * 2 > storage.count else {
            if head == storage.count { removeAll() }
            return
        }
        storage.removeFirst(head)
        head = 0
    }

    mutating func popFirst() -> Element? {
        guard let first else { return nil }
        removeFirst()
        return first
    }

    mutating func removeAll(where isRemoved: (Element) -> Bool) {
        guard !isEmpty else { return }
        storage = elements.filter { !isRemoved($0) }
        head = 0
    }

    private mutating func removeAll() {
        storage.removeAll(keepingCapacity: true)
        head = 0
    }
}
