import MartletModel

/// What a filter's name means: `age.gte`, or `age`, which is `age.eq`.
struct FilterName: Hashable {
    let column: Int
    let operation: FilterOperator

    /// - Parameter isAlternative: it is within `or=(…)`, where no other parameter can be.
    /// - Throws: why it is none, at the parameter of this name.
    init(
        _ name: UnsafeRawBufferPointer, of resource: ServedResource, isAlternative: Bool = false
    ) throws(FieldError) {
        let dot = name.next(UInt8(ascii: ".")) ?? name.count
        guard let column = resource.column(named: name.slice(0..<dot)) else {
            let detail = isAlternative ? Self.unknownAlternative(name, resource) : Self.unknown(name, resource)
            throw FieldError(at: .parameter(name.text), .unknownParameter, detail)
        }
        let field = resource.schema.fields[column]
        let operation = dot == name.count ? .equal : FilterOperator(rawValue: name.slice(from: dot + 1).text)
        let known = field.filterOperators
        guard let operation, known.contains(operation) else {
            let names = known.map { "\(field.name).\($0.rawValue)" }.joined(separator: ", ")
            let nearest =
                operation == nil ? FilterSpelling.operation(name.slice(from: min(dot + 1, name.count)).text) : nil
            let hint = nearest.flatMap { known.contains($0) ? "; did you mean \(field.name).\($0.rawValue)?" : nil }
            throw FieldError(
                at: .parameter(name.text), .unknownParameter,
                "is no filter of \(field.name): known are \(names)\(hint ?? "")")
        }
        (self.column, self.operation) = (column, operation)
    }

    private static func unknown(_ name: UnsafeRawBufferPointer, _ resource: ServedResource) -> String {
        let fields = resource.filteredFields
        if let hint = FilterSpelling.hint(for: name.text, among: fields) { return "is not a parameter here: \(hint)" }
        let options = ListOptions.names.joined(separator: ", ")
        return "is not a parameter here: known are \(options), and to filter by \(names(fields))"
    }

    private static func unknownAlternative(_ name: UnsafeRawBufferPointer, _ resource: ServedResource) -> String {
        if ListOptions.named(name) != nil { return "can't stand within or=(…), which takes filters alone" }
        let fields = resource.filteredFields
        let hint = FilterSpelling.filterHint(for: name.text, among: fields)
        return "is not a filter here: \(hint ?? "known are \(names(fields))")"
    }

    private static func names(_ fields: [FieldSchema]) -> String { fields.map(\.name).joined(separator: ", ") }
}

extension ServedResource {
    fileprivate var filteredFields: [FieldSchema] { schema.fields.filter { !$0.isWriteOnly } }
}
