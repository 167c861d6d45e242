import MartletModel

/// The parameters of a query, decoded: nothing is ignored, so an unknown or a repeated one is an error.
struct QueryParameters {
    private static let maxErrors = 20

    private var values: [String: String] = [:]
    /// What is wrong with them, in the query's order.
    private(set) var errors: [FieldError] = []

    /// - Parameter known: the parameters that the route takes, in the order to name them in.
    init(_ query: UnsafeRawBufferPointer?, known: [String]) {
        guard let query, !query.isEmpty else { return }
        var start = 0
        while start <= query.count, errors.count < Self.maxErrors {
            let end = query.next(UInt8(ascii: "&"), from: start) ?? query.count
            add(query.slice(start..<end), known)
            start = end + 1
        }
    }

    subscript(name: String) -> String? { values[name] }

    private mutating func add(_ pair: UnsafeRawBufferPointer, _ known: [String]) {
        let equals = pair.next(UInt8(ascii: "=")) ?? pair.count
        guard let name = Self.text(pair.slice(0..<equals)),
            let value = Self.text(pair.slice(from: min(equals + 1, pair.count)))
        else {
            refuse(pair.slice(0..<equals).text, .invalidParameter, "is not valid percent-encoded UTF-8")
            return
        }
        guard known.contains(name) else {
            let others = known.isEmpty ? "this route takes none" : "known are \(known.joined(separator: ", "))"
            return refuse(name, .unknownParameter, "is not a parameter here: \(others)")
        }
        guard values.updateValue(value, forKey: name) == nil else {
            return refuse(name, .repeatedParameter, "is given more than once")
        }
    }

    mutating func refuse(_ name: String, _ code: FieldError.Code, _ detail: String) {
        errors.append(FieldError(at: .parameter(name), code, detail))
    }

    private static func text(_ encoded: UnsafeRawBufferPointer) -> String? {
        PercentEncoding.decode(encoded, plusIsSpace: true).flatMap { String(validating: $0, as: UTF8.self) }
    }
}
