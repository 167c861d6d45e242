import MartletKernel
import MartletModel

/// The operations of a batch, as one write. Everything that is wrong with them is told at once.
struct BatchPlan {
    /// What an operation writes, for its part of the answer.
    struct Step {
        let resource: ServedResource
        let change: Plan.Change
    }

    private static let maxUnknown = 50

    private(set) var steps: [Step] = []
    private(set) var mutations: [Mutation] = []
    private let router: Router
    private let body: BatchBody
    private let text: UnsafeRawBufferPointer

    /// - Parameter text: the body; valid for as long as this runs.
    init(_ text: UnsafeRawBufferPointer, _ router: Router) throws(Problem) {
        self.router = router
        self.text = text
        body = try BatchBody(json: text)
        var (resources, errors, unknown): ([ResourceSchema?], [FieldError], Int) = ([], body.errors, 0)
        for index in body.operations.indices {
            var judged = JudgedOperation(errors: body.operations[index].errors)
            judge(index, after: resources, &judged)
            // Unknown fields are named up to a number in the whole batch, as in a body of one record: else the answer to
            // a hostile one would be ten times its size.
            unknown += judged.limitUnknown(to: Self.maxUnknown - unknown)
            errors += judged.errors.map { $0.under("/operations/\(index)") }
            resources.append(judged.errors.isEmpty ? judged.step?.resource.schema : nil)
            guard errors.isEmpty, let step = judged.step, let mutation = judged.mutation else { continue }
            steps.append(step)
            mutations.append(mutation)
        }
        guard errors.isEmpty else { throw .validationFailed(errors) }
    }

    private func judge(_ index: Int, after resources: [ResourceSchema?], _ judged: inout JudgedOperation) {
        let operation = body.operations[index]
        // Where one of them is missing, that is told already.
        let method = operation.method.flatMap { method in
            judged.take { () throws(Problem) in try BatchTarget.Method(method) }
        }
        let target = operation.path.flatMap { path in
            judged.take { () throws(Problem) in try BatchTarget(path, router) }
        }
        guard let method, let target else { return }
        let change = judged.take { () throws(Problem) in try target.change(method) }
        guard let change else { return }
        let schema = target.resource.schema
        let keyReference = target.reference.flatMap { reference in
            judged.take { () throws(Problem) in
                try Self.reference(reference, to: schema.key, at: "#/path", resources)
            }
        }
        let precondition = judged.take { () throws(Problem) in try Self.precondition(operation, change) } ?? nil
        let written = judged.take { () throws(Problem) in try read(index, target, change, resources) }
        guard judged.errors.isEmpty, let (written, references) = written else { return }
        judged.step = Step(resource: target.resource, change: change)
        judged.mutation = Mutation(
            schema, written, if: precondition?.precondition ?? .none, references: references,
            keyReference: keyReference, unmatchableETag: precondition?.unmatchable)
    }

    private static func precondition(
        _ operation: BatchBody.Operation, _ change: Plan.Change
    ) throws(Problem) -> EntityTags? {
        guard var value = operation.ifMatch else { return nil }
        if case .create = change { throw .at("#/ifMatch", .operation, "is not for POST") }
        let tags = value.withUTF8 { EntityTags(UnsafeRawBufferPointer($0)) }
        guard let tags else { throw .at("#/ifMatch", .format, EntityTags.form) }
        return tags
    }

    /// What an operation writes, with what its body takes from earlier ones.
    private func read(
        _ index: Int, _ target: BatchTarget, _ change: Plan.Change, _ resources: [ResourceSchema?]
    ) throws(Problem) -> (Mutation.Change, [Int: ResultReference]) {
        let schema = target.resource.schema
        if case .delete(let key) = change {
            guard !body.operations[index].hasBody else { throw .at("#/body", .unknownField, "is not for DELETE") }
            return (.delete(key), [:])
        }
        do throws(Problem) {
            let row = try body.row(of: index, in: text, schema, for: change.kind(schema))
            return (change.mutation(schema, row), try Self.references(row, schema, resources))
        } catch {
            guard !error.errors.isEmpty else { throw error }
            throw .validationFailed(error.errors.map { target.adapted($0).under("/body") })
        }
    }
}

/// What is known of an operation, and everything that is wrong with it.
private struct JudgedOperation {
    var step: BatchPlan.Step?
    var mutation: Mutation?
    private(set) var errors: [FieldError]

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

    /// - Returns: how many there are now.
    mutating func limitUnknown(to limit: Int) -> Int {
        var count = 0
        errors.removeAll { error in
            guard error.code == .unknownField else { return false }
            count += 1
            return count > limit
        }
        return min(count, limit)
    }
}

// MARK: - References to earlier results

extension BatchPlan {
    private static func references(
        _ row: ValidatedRow, _ schema: ResourceSchema, _ resources: [ResourceSchema?]
    ) throws(Problem) -> [Int: ResultReference] {
        var (references, errors): ([Int: ResultReference], [FieldError]) = ([:], [])
        for (column, text) in row.references.sorted(by: { $0.key < $1.key }) {
            let field = schema.fields[column]
            do throws(Problem) {
                references[column] = try reference(text, to: field, at: "#/\(field.name)", resources)
            } catch {
                errors += error.errors
            }
        }
        guard errors.isEmpty else { throw .validationFailed(errors) }
        return references
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
            throw .at(pointer, .operation, "names \(parts[1]), which is no field of \(resource.name)")
        }
        guard resource.fields[column].type == field.type else {
            throw .at(pointer, .type, "must be of the type \(field.type), not \(resource.fields[column].type)")
        }
        return ResultReference(mutation: operation, column: column)
    }
}

extension Plan.Change {
    fileprivate func kind(_ schema: ResourceSchema) -> WriteKind {
        switch self {
        case .create: .create
        case .replace(let key): .replace(key, of: schema)
        case .patch, .delete: .patch
        }
    }

    fileprivate func mutation(_ schema: ResourceSchema, _ row: ValidatedRow) -> Mutation.Change {
        switch self {
        case .create: .insert(row)
        case .replace(let key): .replace(key, schema, row)
        case .patch(let key), .delete(let key): .update(key, row)
        }
    }
}

extension Problem {
    static func at(_ pointer: String, _ code: FieldError.Code, _ detail: String) -> Problem {
        .validationFailed([FieldError(at: .pointer(pointer), code, detail)])
    }
}
