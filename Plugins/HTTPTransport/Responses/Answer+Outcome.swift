import MartletKernel
import MartletModel

/// What an operation's outcome looks like in HTTP. Its content is left in `json`.
extension Answer {
    /// A record that was read: 304 if the client has it already.
    /// - Throws: 412 if it means another version.
    static func read(
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
    static func expanded(
        _ rows: RowBatch, _ embedded: [EmbeddedRecords], of resource: ServedResource, _ json: inout JSONWriter
    ) -> Answer {
        json.write(row: 0, of: rows, resource.schema, embedding: embedded)
        return Answer(status: .ok, content: .record)
    }

    /// - Parameter limit: bytes that a request's target may have.
    /// - Throws: 400 if the next page's is longer. Its client would be led to a 414.
    static func page(
        _ page: Page, of list: PlannedList, limit: Int, _ json: inout JSONWriter
    ) throws(Problem) -> Answer {
        var answer = Answer(status: .ok, content: .record)
        if let next = page.next {
            let target = list.target(after: next)
            guard target.utf8.count <= limit else {
                let detail = "The next page's address would be longer than the \(limit) bytes that are taken."
                throw Problem(.invalidParameter, detail)
            }
            answer.fields = [ResponseField("Link", "<\(target)>; rel=\"next\"")]
        }
        if let total = page.total { answer.fields.append(ResponseField("X-Total-Count", String(total))) }
        json.write(
            array: page.rows, list.resource.schema, columns: list.request.columns, embedding: page.embedded)
        return answer
    }

    /// - Parameter json: gets the problem.
    init(_ rejection: Rejection, _ json: inout JSONWriter) {
        json.removeAll()
        json.write(rejection.problem)
        let problem = rejection.problem
        self.init(
            status: problem.code.responseStatus, content: .problem, fields: rejection.fields, closes: rejection.closes)
        if status.code >= 500 { cause = problem.cause }
        if let delay = problem.retryAfter {
            // Whole seconds, rounded up: sooner would be too soon.
            let seconds = delay.components.seconds + (delay.components.attoseconds > 0 ? 1 : 0)
            fields.append(ResponseField("Retry-After", String(max(seconds, 1))))
        }
    }
}
