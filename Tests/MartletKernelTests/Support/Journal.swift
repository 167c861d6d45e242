import MartletKernel
import Synchronization

/// What happened, in order. Plugins under test get it as a capability that the test overrides.
final class Journal: Sendable {
    private let storage = Mutex<[String]>([])

    var entries: [String] { storage.withLock { $0 } }

    func write(_ entry: String) {
        storage.withLock { $0.append(entry) }
    }
}

extension Capability where Value == Journal {
    static var journal: Self { Self("journal") }
}

extension Capability where Value == String {
    static var word: Self { Self("word") }
    static var otherWord: Self { Self("otherWord") }
    static var words: Self { Self("words") }
}
