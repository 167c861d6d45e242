import MartletKernel
import MartletModel
import NIOCore

/// `POST /batch`: several writes, all or none.
struct WriteBatch: RequestHandler {
    let path: String

    var body: BodyTypes? { BodyTypes(field: "Accept-Post") }

    func accept(_ request: inout Request) -> RequestWork? {
        request.checkConditions(served: .idempotencyKey)
        let terms = request.terms(at: path)
        return .wait { server, body, context throws(Problem) in
            let (plan, idempotency): (BatchPlan, Idempotency?)
            do throws(Problem) {
                (plan, idempotency) = try body.withUnsafeReadableBytes { bytes throws(Problem) in
                    (try BatchPlan(bytes, server.routes), terms.idempotency(bytes, context.principal))
                }
            } catch {
                throw await server.application.addingDanglingReferences(to: error, context)
            }
            var write = Write(plan.mutations, .batch, idempotency: idempotency)
            write.maxBytes = server.limits.writeBytes
            let written = try await server.application.write(write, context)
            return { [writes = plan.writes] json in .batch(written, writes, terms.preference, &json) }
        }
    }
}
