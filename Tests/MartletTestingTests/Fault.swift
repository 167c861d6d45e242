import MartletTesting
import Testing

/// A mistake that a storage's author could make.
struct Fault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Whether operations show it that follow each other on an open storage.
    let isSequential: Bool
    let make: StorageContract.Maker

    init(_ description: String, isSequential: Bool = true, make: @escaping @Sendable () -> FaultyStorage) {
        self.init(description, isSequential: isSequential, any: make)
    }

    init(_ description: String, isSequential: Bool = true, any make: @escaping StorageContract.Maker) {
        testDescription = description
        self.isSequential = isSequential
        self.make = make
    }

    private static let kindsOfRecords = [
        ofReading, ofTypes, ofWriting, ofFilling, ofKeys, ofUpserts, ofUniqueness, ofVersions, ofPreconditions,
        ofReferences, ofResults, ofIdempotency, ofTime,
    ]
    private static let kindsOfQueries = [ofPatterns, ofFilters, ofLists, ofSizes]
    private static let kinds = kindsOfRecords + kindsOfQueries
    static let ofRecords = kindsOfRecords.flatMap(\.self)
    static let ofQueries = kindsOfQueries.flatMap(\.self)
    static let all = ofRecords + ofQueries
    static let sequential = all.filter(\.isSequential)
    /// Some of each kind: a random sequence for all of them would take minutes.
    static let someOfEachKind = kinds.flatMap { $0.filter(\.isSequential).prefix(2) }
}
