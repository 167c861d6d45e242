/// What a batch's body may return: a ``BatchItem``, or an array or an optional of such.
public protocol BatchResult {
    /// What becomes of it when the batch is done.
    associatedtype Value

    /// - Throws: ``MartletError/invalidResponse(_:mayHaveTakenEffect:)`` when the answer has nothing of that kind.
    func value(in results: BatchResults) throws(MartletError) -> Value
}

extension Array: BatchResult where Element: BatchResult {
    public func value(in results: BatchResults) throws(MartletError) -> [Element.Value] {
        var values: [Element.Value] = []
        for element in self { values.append(try element.value(in: results)) }
        return values
    }
}

extension Optional: BatchResult where Wrapped: BatchResult {
    public func value(in results: BatchResults) throws(MartletError) -> Wrapped.Value? {
        guard let item = self else { return nil }
        return try item.value(in: results)
    }
}
