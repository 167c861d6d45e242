import MartletKernel
import MartletModel

/// `GET /users/{id}`: the record, unless the client has it already, or means another version.
struct ReadRecord: RequestHandler {
    let resource: ServedResource

    private static let parameters = ["expand"]
    var queryParameters: [String]? { Self.parameters }

    func accept(_ request: inout Request) -> RequestWork? {
        let key = request.key(of: resource)
        guard let names = request.parameters["expand"] else {
            request.checkConditions(served: [.ifMatch, .ifNoneMatch], ignored: .idempotencyKey)
            return key.map { work($0, ifMatch: request.head.ifMatch, ifNoneMatch: request.head.ifNoneMatch) }
        }
        // Its response depends on other records too, so no version tells whether a client has it.
        request.checkConditions(served: [], ignored: .idempotencyKey, where: "with expand, as there is no ETag")
        let expansions = request.expansions(names, of: resource)
        return key.map { work($0, expanding: expansions) }
    }

    private func work(_ key: Key, ifMatch: EntityTags?, ifNoneMatch: EntityTags?) -> RequestWork {
        .start { [resource] server, _, context throws(Problem) in
            try server.application.beginRead(key, of: resource.schema, context).map { rows in
                { json throws(Problem) in try .read(rows, of: resource, ifMatch, ifNoneMatch, &json) }
            }
        }
    }

    private func work(_ key: Key, expanding expansions: [Expansion]) -> RequestWork {
        .wait { [resource] server, context throws(Problem) in
            let found = try await server.application.read(key, of: resource.schema, expanding: expansions, context)
            return { json in .expanded(found, of: resource, &json) }
        }
    }
}

extension Answer {
    /// A record that was read: 304 if the client has it already. Its content is left in `json`.
    /// - Throws: 412 if it means another version.
    fileprivate static func read(
        _ rows: RowBatch, of resource: ServedResource, _ ifMatch: EntityTags?, _ ifNoneMatch: EntityTags?,
        _ json: inout JSONWriter
    ) throws(Problem) -> Answer {
        let schema = resource.schema
        let version = rows[0, schema.versionIndex].integer ?? 0
        if let ifMatch, !ifMatch.match(version: version) {
            throw .preconditionFailed(ifMatch.unmatchable)
        }
        let tag = EntityTag(version: version, checksum: schema.checksum)
        if let ifNoneMatch, ifNoneMatch.include(version: version, checksum: schema.checksum) {
            return Answer(status: .notModified, content: .none, entityTag: tag)
        }
        json.write(row: 0, of: rows, schema)
        return Answer(status: .ok, content: .record, entityTag: tag)
    }

    /// A record with others in the place of its references. It has no entity tag, as it isn't its version alone that tells
    /// what it looks like.
    fileprivate static func expanded(
        _ found: FoundRecord, of resource: ServedResource, _ json: inout JSONWriter
    ) -> Answer {
        json.write(row: 0, of: found.row, resource.schema, embedding: found.embedded)
        return Answer(status: .ok, content: .record)
    }
}
