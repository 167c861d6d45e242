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
        return .start { server, body, context in
            do throws(Problem) {
                let (plan, idempotency) = try body.withUnsafeReadableBytes { bytes throws(Problem) in
                    (try BatchPlan(bytes, server.routes), terms.idempotency(bytes, context.principal))
                }
                var write = Write(plan.mutations, .batch, idempotency: idempotency)
                write.maxBytes = server.limits.writeBytes
                return .later { [write, writes = plan.writes] () async throws(Problem) -> LargeResponse.Encode in
                    let written = try await server.application.write(write, context)
                    return { json in .batch(written, writes, terms.preference, &json) }
                }
            } catch {
                return .refusing(error, server.application, context)
            }
        }
    }
}
