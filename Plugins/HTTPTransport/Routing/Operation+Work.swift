import MartletKernel
import MartletModel
import NIOCore

extension Operation {
    /// The operation that a plan comes to, with what its body says.
    init(_ work: Plan.Work, on resource: ServedResource, _ body: ByteBuffer) throws(Problem) {
        let schema = resource.schema
        let action: Action =
            switch work {
            case .create: .create(try Self.row(body, schema, for: .create))
            case .read(let key): .read(key)
            case .list(let after, let limit, _): .list(after: after, limit: limit)
            case .replace(let key): .replace(key, try Self.row(body, schema, for: .replace(key)))
            case .patch(let key): .patch(key, try Self.row(body, schema, for: .patch))
            case .delete(let key): .delete(key)
            }
        self.init(schema, action)
    }

    private static func row(
        _ body: ByteBuffer, _ schema: ResourceSchema, for kind: WriteKind
    ) throws(Problem) -> ValidatedRow {
        try body.withUnsafeReadableBytes { bytes throws(Problem) in try ValidatedRow(json: bytes, schema, for: kind) }
    }
}
