import MartletKernel
import MartletModel
import NIOCore

/// `POST /users`, and PUT, PATCH and DELETE of `/users/{id}`.
struct WriteRecord: RequestHandler {
    let resource: ServedResource
    let method: HTTPMethod

    var body: BodyTypes? {
        switch method {
        case .delete: nil
        case .patch: BodyTypes(field: "Accept-Patch", includesMergePatch: true)
        case .post: BodyTypes(field: "Accept-Post")
        default: BodyTypes(field: "Accept")
        }
    }

    func accept(_ request: inout Request) -> RequestWork? {
        let key = method == .post ? nil : request.key(of: resource)
        let terms = terms(of: &request, at: key.map(resource.path(of:)) ?? resource.path)
        guard let change = RecordWrite.Change(method, key) else { return nil }
        let write = RecordWrite(resource: resource, change: change)
        return .start { server, body, context in
            do throws(Problem) {
                var transaction = try body.withUnsafeReadableBytes { bytes throws(Problem) in
                    try Write(write, terms, bytes, context.principal)
                }
                transaction.maxBytes = server.limits.writeBytes
                return .later { [transaction] () async throws(Problem) -> LargeResponse.Encode in
                    let written = try await server.application.write(transaction, context)
                    return { json in .written(written, transaction.form, write, terms.preference, &json) }
                }
            } catch {
                return .refusing(error, server.application, context)
            }
        }
    }

    private func terms(of request: inout Request, at path: String) -> WriteTerms {
        var terms = request.terms(at: path)
        let head = request.head
        if method == .post {
            request.checkConditions(served: .idempotencyKey)
        } else if method == .put, head.ifNoneMatch == .any, !head.conditions.contains(.ifMatch) {
            request.checkConditions(served: [.ifNoneMatch, .idempotencyKey])
            terms.precondition = .absent
        } else {
            request.checkConditions(served: [.ifMatch, .idempotencyKey])
            if let ifMatch = head.ifMatch {
                (terms.precondition, terms.unmatchableETag) = (ifMatch.precondition, ifMatch.unmatchable)
            }
        }
        return terms
    }
}

/// What a request or an operation of a batch does to a record.
struct RecordWrite: Sendable {
    /// What it writes is in the body.
    enum Change: Sendable {
        case create
        case replace(Key)
        case patch(Key)
        case delete(Key)

        /// Nil where there is no key for a method that needs one, and for a method that writes no record.
        init?(_ method: HTTPMethod, _ key: Key?) {
            switch (method, key) {
            case (.post, nil): self = .create
            case (.put, let key?): self = .replace(key)
            case (.patch, let key?): self = .patch(key)
            case (.delete, let key?): self = .delete(key)
            default: return nil
            }
        }
    }

    let resource: ServedResource
    let change: Change

    /// What the body has to hold.
    var kind: WriteKind {
        switch change {
        case .create: .create
        case .replace(let key): .replace(key, of: resource.schema)
        case .patch, .delete: .patch
        }
    }

    /// - Parameter row: what the body holds. A deletion has none.
    func mutation(_ row: ValidatedRow) -> Mutation.Change {
        switch change {
        case .create: .insert(row)
        // Where clients assign keys it may make the record.
        case .replace(let key): resource.schema.key.key == .assigned ? .upsert(key, row) : .update(key, row)
        case .patch(let key): .update(key, row)
        case .delete(let key): .delete(key)
        }
    }
}

extension Write {
    /// A record's write with what its body says.
    fileprivate init(
        _ write: RecordWrite, _ terms: WriteTerms, _ body: UnsafeRawBufferPointer, _ principal: Principal
    ) throws(Problem) {
        let schema = write.resource.schema
        let idempotency = terms.idempotency(body, principal)
        let change: Mutation.Change
        switch write.change {
        case .create:
            let records = try NewRecords(json: body, schema)
            let mutations = records.rows.map { Mutation(schema, .insert($0)) }
            self.init(mutations, records.isArray ? .array : .single, idempotency: idempotency)
            return
        case .delete(let key): change = .delete(key)
        case .replace, .patch: change = write.mutation(try ValidatedRow(json: body, schema, for: write.kind))
        }
        self.init(
            Mutation(schema, change, if: terms.precondition, unmatchableETag: terms.unmatchableETag),
            idempotency: idempotency)
    }
}
