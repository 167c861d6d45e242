import MartletKernel
import MartletModel

/// The operations of a batch, as one write. Everything that is wrong with them is told at once.
struct BatchPlan {
    /// What each operation writes, for its part of the response.
    private(set) var writes: [RecordWrite] = []
    private(set) var mutations: [Mutation] = []
    private let routes: RouteTable
    private let body: BatchBody
    private let text: UnsafeRawBufferPointer

    /// - Parameter text: the body; valid for as long as this runs.
    init(_ text: UnsafeRawBufferPointer, _ routes: RouteTable) throws(Problem) {
        self.routes = routes
        self.text = text
        body = try BatchBody(json: text)
        var (resources, operations): ([ResourceSchema?], [JudgedOperation]) = ([], [])
        for index in body.operations.indices {
            var judged = JudgedOperation(errors: body.operations[index].errors)
            judge(index, after: resources, &judged)
            resources.append(judged.isValid ? judged.write?.resource.schema : nil)
            operations.append(judged)
        }
        guard body.errors.isEmpty, operations.allSatisfy(\.isValid) else {
            throw Self.problem(body.errors, operations)
        }
        writes = operations.compactMap(\.write)
        mutations = operations.compactMap(\.mutation)
    }

    private static func problem(_ formErrors: [FieldError], _ operations: [JudgedOperation]) -> Problem {
        var errors = BodyErrors()
        errors.append(formErrors)
        for (index, operation) in operations.enumerated() {
            let prefix = "/operations/\(index)"
            errors.append(operation.errors.map { $0.under(prefix) })
            switch operation.record {
            case .unknown: errors.appendUnknownRecord()
            case .none: break
            case .read(let cells, let schema, let kind):
                errors.append(
                    operation.recordErrors, of: cells, schema, isNew: kind.mayMakeRecord, under: prefix + "/body")
            }
        }
        return errors.problem
    }

    private func judge(_ index: Int, after resources: [ResourceSchema?], _ judged: inout JudgedOperation) {
        let operation = body.operations[index]
        // Where one of them is missing, that is told already.
        let method = operation.method.flatMap { method in
            judged.take { () throws(Problem) in try BatchTarget.method(method) }
        }
        let target = operation.path.flatMap { path in
            judged.take { () throws(Problem) in try BatchTarget(path, routes) }
        }
        guard let method, let target else { return }
        let write = judged.take { () throws(Problem) in try target.write(method) }
        guard let write else { return }
        let schema = write.resource.schema
        let keyReference = target.reference.flatMap { reference in
            judged.take { () throws(Problem) in
                try Self.reference(reference, to: schema.key, at: "#/path", resources)
            }
        }
        let precondition = judged.take { () throws(Problem) in try Self.precondition(operation, write.change) } ?? nil
        let written = read(index, target, write, resources, &judged)
        guard judged.isValid, let (written, references) = written else { return }
        judged.write = write
        judged.mutation = Mutation(
            schema, written, if: precondition?.precondition ?? .none, references: references,
            keyReference: keyReference, unmatchableETag: precondition?.unmatchable)
    }

    private static func precondition(
        _ operation: BatchBody.Operation, _ change: RecordWrite.Change
    ) throws(Problem) -> EntityTags? {
        guard var value = operation.ifMatch else { return nil }
        if case .create = change { throw .at("#/ifMatch", .operation, "is not for POST") }
        let tags = value.withUTF8 { EntityTags(UnsafeRawBufferPointer($0)) }
        guard let tags else { throw .at("#/ifMatch", .format, EntityTags.form) }
        return tags
    }

    /// What an operation writes, with what its body takes from earlier ones.
    private func read(
        _ index: Int, _ target: BatchTarget, _ write: RecordWrite, _ resources: [ResourceSchema?],
        _ judged: inout JudgedOperation
    ) -> (Mutation.Change, [Int: ResultReference])? {
        let schema = write.resource.schema
        if case .delete(let key) = write.change {
            judged.record = .none
            guard body.operations[index].hasBody else { return (.delete(key), [:]) }
            judged.errors.append(FieldError(at: .pointer("#/body"), .unknownField, "is not for DELETE"))
            return nil
        }
        let kind = write.kind
        do throws(InvalidRow) {
            let row = try body.row(of: index, in: text, schema, for: kind)
            let (references, errors) = Self.references(row.references, schema, resources)
            judged.record = .read(row.cells, schema, kind)
            judged.recordErrors = errors
            return (write.mutation(row), references)
        } catch {
            judged.record = .read(error.cells, schema, kind)
            judged.recordErrors =
                error.errors.map(target.adapted) + Self.references(error.references, schema, resources).errors
            return nil
        }
    }
}

/// What is known of an operation, and everything that is wrong with it.
private struct JudgedOperation {
    enum Record {
        /// Nobody can tell which record is written.
        case unknown
        /// None is: the operation is a DELETE.
        case none
        case read(RowBatch?, ResourceSchema, WriteKind)
    }

    var write: RecordWrite?
    var mutation: Mutation?
    var record = Record.unknown
    /// Pointers are those of the operation.
    var errors: [FieldError]
    /// Errors in the body. Pointers are those of the record.
    var recordErrors: [FieldError] = []

    var isValid: Bool { errors.isEmpty && recordErrors.isEmpty }

    init(errors: [FieldError]) {
        self.errors = errors
    }

    mutating func take<Result>(_ body: () throws(Problem) -> Result) -> Result? {
        do throws(Problem) {
            return try body()
        } catch {
            // An operation that isn't done has an error in any case.
            errors += error.errors.isEmpty ? [FieldError(at: .pointer("#"), .operation, error.detail)] : error.errors
            return nil
        }
    }
}

// MARK: - References to earlier results

extension BatchPlan {
    private static func references(
        _ texts: [Int: String], _ schema: ResourceSchema, _ resources: [ResourceSchema?]
    ) -> (references: [Int: ResultReference], errors: [FieldError]) {
        var (references, errors): ([Int: ResultReference], [FieldError]) = ([:], [])
        for (column, text) in texts.sorted(by: { $0.key < $1.key }) {
            let field = schema.fields[column]
            do throws(Problem) {
                references[column] = try reference(text, to: field, at: "#/\(field.name)", resources)
            } catch {
                errors += error.errors
            }
        }
        return (references, errors)
    }

    /// Reads `0/id`: the operation's number and a field of its record.
    private static func reference(
        _ text: String, to field: FieldSchema, at pointer: String, _ resources: [ResourceSchema?]
    ) throws(Problem) -> ResultReference {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let operation = Int(parts[0]), String(operation) == parts[0] else {
            throw .at(pointer, .operation, "must be an operation's number and a field, such as 0/id")
        }
        guard resources.indices.contains(operation) else {
            throw .at(pointer, .operation, "must name an operation before this one")
        }
        // What is wrong with that operation is told where it stands.
        guard let resource = resources[operation] else { return ResultReference(mutation: operation, column: 0) }
        guard let column = resource.indexByName[String(parts[1])], !resource.fields[column].isWriteOnly else {
            throw .at(pointer, .operation, "names \(quoted(String(parts[1]))), which is no field of \(resource.name)")
        }
        guard resource.fields[column].type == field.type else {
            throw .at(pointer, .type, "must be of the type \(field.type), not \(resource.fields[column].type)")
        }
        return ResultReference(mutation: operation, column: column)
    }
}

extension Problem {
    static func at(_ pointer: String, _ code: FieldError.Code, _ detail: String) -> Problem {
        .validationFailed([FieldError(at: .pointer(pointer), code, detail)])
    }
}
