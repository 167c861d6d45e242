/// The body of a batch: `{"operations": [{"method", "path", "body", "ifMatch"}, …]}`.
///
/// It is read in two passes over one text, as what a body has to be is known only once its path is: first the operations
/// with the places of their bodies, then each body where it stands.
package struct BatchBody: Sendable {
    package struct Operation: Sendable {
        package var method: String?
        package var path: String?
        package var ifMatch: String?
        /// What is wrong with its form, its members' names and types, with pointers from the operation on.
        package fileprivate(set) var errors: [FieldError] = []
        /// Where its body begins in the text.
        var bodyStart: Int?
        package var hasBody: Bool { bodyStart != nil }
    }

    package let operations: [Operation]
    /// What else is wrong with the form of the batch.
    package let errors: [FieldError]

    /// In one body.
    package static let limit = 100

    /// - Throws: ``Problem`` when there is no list of operations. What is wrong with the form of single ones is told by these, so
    ///   that one mistake hides no other.
    package init(json text: UnsafeRawBufferPointer) throws(Problem) {
        var reader = BatchReader()
        try parse(text) { scanner throws(JSONError) in try reader.read(&scanner) }
        guard !reader.operations.isEmpty else { throw .validationFailed(reader.errors) }
        operations = reader.operations
        errors = reader.errors
    }

    /// Reads and checks the body of one operation. In it `{"$ref": "0/id"}` may stand for a value.
    package func row(
        of operation: Int, in text: UnsafeRawBufferPointer, _ schema: ResourceSchema, for kind: WriteKind
    ) throws(InvalidRow) -> ValidatedRow {
        guard let start = operations[operation].bodyStart else {
            throw InvalidRow(FieldError(at: .pointer("#"), .required, "is required"))
        }
        let reader: RecordReader?
        do throws(JSONError) {
            var scanner = JSONScanner(text, from: start)
            reader = try RecordReader.read(&scanner, schema, depth: 4, allowsReferences: true)
        } catch {
            // The first pass has read the same bytes, so that this can't happen.
            throw InvalidRow(FieldError(at: .pointer("#"), .type, "is not valid JSON: \(error)"))
        }
        return try ValidatedRow(reader, for: kind)
    }
}

private struct BatchReader {
    private(set) var operations: [BatchBody.Operation] = []
    private(set) var errors: [FieldError] = []
    private var isGiven = false

    mutating func read(_ scanner: inout JSONScanner) throws(JSONError) {
        guard scanner.text[scanner.position] == UInt8(ascii: "{") else {
            errors.append(FieldError(at: .pointer("#"), .type, "must be an object with operations"))
            return try scanner.skipValue(depth: 1)
        }
        var seen: Set<[UInt8]> = []
        try scanner.object(depth: 1) { scanner, name throws(JSONError) in
            guard seen.insert(scanner.withUTF8(name) { Array($0) }).inserted else { throw scanner.duplicate(name) }
            guard scanner.value(name) == "operations" else {
                if errors.count < RecordReader.maxUnknown {
                    errors.append(.unknownMember(scanner.value(name), "is not known here"))
                }
                return try scanner.skipValue(depth: 2)
            }
            isGiven = true
            try readOperations(&scanner)
        }
        if !isGiven { errors.append(FieldError(field: "operations", .required, "is required")) }
    }

    private mutating func readOperations(_ scanner: inout JSONScanner) throws(JSONError) {
        guard scanner.text[scanner.position] == UInt8(ascii: "[") else {
            errors.append(FieldError(field: "operations", .type, "must be an array"))
            return try scanner.skipValue(depth: 2)
        }
        var count = 0
        try scanner.array(depth: 2) { scanner throws(JSONError) in
            count += 1
            guard count <= BatchBody.limit else { return try scanner.skipValue(depth: 3) }
            operations.append(try readOperation(&scanner))
        }
        guard (1...BatchBody.limit).contains(count) else {
            let rule = "must have 1 to \(BatchBody.limit) operations, not \(count)"
            errors.append(FieldError(field: "operations", .length, rule))
            return
        }
    }

    private func readOperation(_ scanner: inout JSONScanner) throws(JSONError) -> BatchBody.Operation {
        var operation = BatchBody.Operation()
        guard scanner.text[scanner.position] == UInt8(ascii: "{") else {
            operation.errors.append(FieldError(at: .pointer("#"), .type, "must be an object"))
            try scanner.skipValue(depth: 3)
            return operation
        }
        // By their bytes: to Swift "é" and "e" with an accent behind it are equal.
        var seen: Set<[UInt8]> = []
        try scanner.object(depth: 3) { scanner, token throws(JSONError) in
            let name = scanner.value(token)
            guard seen.insert(scanner.withUTF8(token) { Array($0) }).inserted else { throw scanner.duplicate(token) }
            switch name {
            case "method": operation.method = try operation.readText(&scanner, name)
            case "path": operation.path = try operation.readText(&scanner, name)
            case "ifMatch": operation.ifMatch = try operation.readText(&scanner, name)
            case "body":
                operation.bodyStart = scanner.position
                try scanner.skipValue(depth: 4)
            default:
                if operation.errors.count < RecordReader.maxUnknown {
                    operation.errors.append(.unknownMember(name, "is not known here"))
                }
                try scanner.skipValue(depth: 4)
            }
        }
        for name in ["method", "path"] where !seen.contains(Array(name.utf8)) {
            operation.errors.append(FieldError(field: name, .required, "is required"))
        }
        return operation
    }
}

extension BatchBody.Operation {
    fileprivate mutating func readText(_ scanner: inout JSONScanner, _ name: String) throws(JSONError) -> String? {
        guard scanner.text[scanner.position] == UInt8(ascii: "\"") else {
            errors.append(FieldError(field: name, .type, "must be a string"))
            try scanner.skipValue(depth: 4)
            return nil
        }
        return scanner.value(try scanner.string())
    }
}
