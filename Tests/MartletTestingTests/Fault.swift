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

    static let all = ofReading + ofWriting + ofUniqueness + ofTime
    static let sequential = all.filter(\.isSequential)
}
