import MartletKernel
import MartletModel

/// The parameters of a query, decoded: nothing is ignored, so an unknown or a repeated one is an error.
struct QueryParameters {
    /// How many errors a response lists at most. One more is looked for, which tells that there are more.
    static let maxErrors = 20

    private var values: [String: String] = [:]
    /// What is wrong with them, in the query's order.
    private(set) var errors: [FieldError] = []
    /// What is wrong with the header fields that the request depends on: sentences.
    private(set) var headerErrors: [String] = []

    init() {}

    /// - Parameter known: the parameters that the route takes, in the order to name them in.
    init(_ query: UnsafeRawBufferPointer?, known: [String]) {
        for pair in QueryPairs(query) {
            guard errors.count <= Self.maxErrors else { return }
            add(pair, known)
        }
    }

    subscript(name: String) -> String? { values[name] }

    private mutating func add(_ pair: QueryPairs.Pair, _ known: [String]) {
        guard let name = PercentEncoding.withQueryText(pair.name, \.text),
            let value = PercentEncoding.withQueryText(pair.value, \.text)
        else { return refuse(.malformed(pair)) }
        guard known.contains(name) else {
            let nearest = nearestName(to: name, among: known).map { "did you mean \($0)?" }
            let others =
                nearest ?? (known.isEmpty ? "this route takes none" : "known are \(known.joined(separator: ", "))")
            let detail = "is not a parameter here: \(others)"
            return refuse(FieldError(at: .parameter(name), .unknownParameter, detail))
        }
        guard values.updateValue(value, forKey: name) == nil else { return refuse(.repeated(name)) }
    }

    mutating func refuse(_ error: FieldError) {
        errors.append(error)
    }

    mutating func refuse(header field: StaticString, _ detail: String) {
        headerErrors.append("The header field \(field) \(detail).")
    }

    var areValid: Bool { errors.isEmpty && headerErrors.isEmpty }

    /// All that is wrong.
    var problem: Problem {
        let sentences = headerErrors + (errors.isEmpty ? [] : ["The request's parameters are not valid."])
        return Problem(.invalidParameter, sentences.joined(separator: " ")).listing(errors, atMost: Self.maxErrors)
    }
}

extension FieldError {
    /// With how to write a character that a query turns into another one, if the value has it as it is.
    func withEncodingHint(for value: UnsafeRawBufferPointer) -> FieldError {
        guard value.next(UInt8(ascii: "+")) != nil else { return self }
        return FieldError(at: location, code, "\(detail); a + in a query is a space: write %2B for a plus sign")
    }

    static func malformed(_ pair: QueryPairs.Pair) -> FieldError {
        FieldError(
            at: .parameter(pair.name.text), .invalidParameter, "is not valid percent-encoded UTF-8: a % itself is %25")
    }

    static func repeated(_ parameter: String) -> FieldError {
        FieldError(at: .parameter(parameter), .repeatedParameter, "is given more than once")
    }
}
