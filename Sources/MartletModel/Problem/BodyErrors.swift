/// Gathers what is wrong with a request's body, record by record: up to as many errors as a response lists, and the references
/// that only a storage can check.
package struct BodyErrors {
    private struct Record: Hashable {
        let resource: String
        let key: Key
    }

    private var errors: [FieldError] = []
    private var hasMore = false
    private var references: [UncheckedReference] = []
    /// Records that the body makes, if clients assign their keys. Records whose keys the server generates can't be referred to by
    /// a value.
    private var made: Set<Record> = []
    /// Resources of which the body makes records with keys that can't be read.
    private var resourcesWithUnknownKeys: Set<String> = []
    /// Something in the body can't be read at all, and may make any record.
    private var hasUnknownRecord = false

    package init() {}

    /// The 422 that lists them.
    package var problem: Problem {
        var problem = Problem.validationFailed(errors, hasMore: hasMore)
        problem.uncheckedReferences = references
        return problem
    }

    package mutating func append(_ more: [FieldError]) {
        let room = Problem.maxErrors - errors.count
        errors += more.prefix(room)
        if more.count > room { hasMore = true }
    }

    /// Adds a part of the body that can't be read, so that nobody knows which records it makes.
    package mutating func appendUnknownRecord() {
        hasUnknownRecord = true
    }

    /// Adds the errors of a record, in the schema's order.
    /// - Parameters:
    ///   - cells: one row with what could be read of it; nil when nothing could.
    ///   - isNew: it makes a record, or may.
    ///   - checksReferences: whether the record's references are unchecked.
    ///   - prefix: where the record is in the body, a JSON Pointer such as `/0`.
    package mutating func append(
        _ found: [FieldError], of cells: RowBatch?, _ schema: ResourceSchema, isNew: Bool,
        checksReferences: Bool = true, under prefix: String = ""
    ) {
        let sorted = found.map { (column: $0.column(in: schema), error: $0.under(prefix)) }.enumerated()
            .sorted { ($0.element.column, $0.offset) < ($1.element.column, $1.offset) }.map(\.element)
        let invalid = Set(sorted.map(\.column))
        if isNew { noteKey(of: cells, schema, isValid: !invalid.contains(schema.keyIndex)) }
        var rest = sorted[...]
        if checksReferences, let cells {
            for (column, field) in schema.fields.enumerated() where field.reference != nil && !invalid.contains(column)
            {
                guard let key = Key(cells[0, column], of: cells) else { continue }
                let earlier = rest.prefix { $0.column < column }
                append(earlier.map(\.error))
                rest = rest.dropFirst(earlier.count)
                append(reference: field, to: key, under: prefix)
            }
        }
        append(rest.map(\.error))
    }

    private mutating func noteKey(of cells: RowBatch?, _ schema: ResourceSchema, isValid: Bool) {
        guard schema.key.key == .assigned else { return }
        if isValid, let cells, let key = schema.key(ofRow: 0, in: cells) {
            made.insert(Record(resource: schema.name, key: key))
        } else {
            resourcesWithUnknownKeys.insert(schema.name)
        }
    }

    private mutating func append(reference field: FieldSchema, to key: Key, under prefix: String) {
        guard !hasMore, let target = field.reference?.resource,
            !made.contains(Record(resource: target, key: key))
        else { return }
        references.append(
            UncheckedReference(
                resource: target, key: key,
                mayBeMade: hasUnknownRecord || resourcesWithUnknownKeys.contains(target),
                error: FieldError.danglingReference(field).under(prefix), index: errors.count))
    }
}

/// A reference in a body that is refused for something else. Nobody has looked yet whether its record is there.
package struct UncheckedReference: Sendable, Equatable {
    package let resource: String
    package let key: Key
    /// An earlier part of the body may make the record, if clients assign the keys of its resource.
    package let mayBeMade: Bool
    /// What is wrong if the record isn't there.
    let error: FieldError
    /// How many of the problem's errors come before it.
    let index: Int
}

extension Problem {
    /// The problem with the errors of those references whose records aren't there.
    package func adding(_ isDangling: (UncheckedReference) -> Bool) -> Problem {
        var (merged, taken): ([FieldError], Int) = ([], 0)
        for reference in uncheckedReferences where isDangling(reference) {
            merged += errors[taken..<reference.index]
            taken = reference.index
            merged.append(reference.error)
        }
        guard !merged.isEmpty else { return self }
        return .validationFailed(merged + errors[taken...], hasMore: hasMoreErrors)
    }
}

extension FieldError {
    /// The record that a field refers to isn't there.
    package static func danglingReference(_ field: FieldSchema) -> FieldError {
        // A reference that only a newer server knows has no name here.
        let target = field.reference.map { " of \($0.resource)" } ?? ""
        return FieldError(field: field.name, .reference, "refers to no record\(target)")
    }

    /// An object has a member that isn't known. A long name isn't repeated: the response to a large body would be several times
    /// as large.
    static func unknownMember(_ name: String, _ detail: String) -> FieldError {
        guard name.utf8.count > maxNameLength else { return FieldError(field: name, .unknownField, detail) }
        let start = String(name.unicodeScalars.prefix(20))
        return FieldError(
            at: .pointer("#"), .unknownField, "has a name of \(name.utf8.count) bytes, \"\(start)…\", which \(detail)")
    }

    /// In bytes. Names of fields have at most 63.
    private static let maxNameLength = 200

    /// The column that an error of a record is about; a high number when it is about none.
    fileprivate func column(in schema: ResourceSchema) -> Int {
        guard case .pointer(let pointer) = location, pointer.hasPrefix("#/") else { return .max }
        let name = String(pointer.dropFirst(2))
        return name == ResourceSchema.versionName ? schema.versionIndex : schema.indexByName[name] ?? .max
    }
}
