import MartletKernel
import MartletModel

extension Write {
    /// The write that a plan comes to, with what its body says.
    init(
        _ change: Plan.Change, on schema: ResourceSchema, _ terms: WriteTerms, _ body: UnsafeRawBufferPointer
    ) throws(Problem) {
        let idempotency = terms.idempotency(body)
        let changed: Mutation.Change
        switch change {
        case .create:
            let records = try NewRecords(json: body, schema)
            let mutations = records.rows.map { Mutation(schema, .insert($0)) }
            self.init(mutations, records.isArray ? .array : .single, idempotency: idempotency)
            return
        case .replace(let key):
            let row = try ValidatedRow(json: body, schema, for: .replace(key, of: schema))
            changed = .replace(key, schema, row)
        case .patch(let key): changed = .update(key, try ValidatedRow(json: body, schema, for: .patch))
        case .delete(let key): changed = .delete(key)
        }
        let mutation = Mutation(schema, changed, if: terms.precondition, unmatchableETag: terms.unmatchableETag)
        self.init(mutation, idempotency: idempotency)
    }
}

extension Mutation.Change {
    /// What PUT does: where clients assign keys it may make the record.
    static func replace(_ key: Key, _ schema: ResourceSchema, _ row: ValidatedRow) -> Mutation.Change {
        schema.key.key == .assigned ? .upsert(key, row) : .update(key, row)
    }
}
