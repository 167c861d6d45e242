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
            throw Problem(.preconditionFailed, "The record has changed since.")
        }
        let tag = EntityTag(version: version, checksum: schema.checksum)
        if let ifNoneMatch, ifNoneMatch.include(version: version, checksum: schema.checksum) {
            return Answer(status: 304, content: .none, entityTag: tag)
        }
        json.write(row: 0, of: rows, schema)
        return Answer(status: 200, content: .record, entityTag: tag)
    }

    static func page(
        _ rows: RowBatch, next: Key?, of resource: ServedResource, givenLimit: Int?, _ json: inout JSONWriter
    ) -> Answer {
        json.write(array: rows, resource.schema)
        var answer = Answer(status: 200, content: .record)
        if let next { answer.fields = [ResponseField("Link", link(to: next, in: resource, givenLimit))] }
        return answer
    }

    /// - Parameter json: gets the problem.
    init(_ rejection: Rejection, _ json: inout JSONWriter) {
        json.removeAll()
        json.write(rejection.problem)
        let problem = rejection.problem
        self.init(status: problem.status, content: .problem, fields: rejection.fields, closes: rejection.closes)
        if problem.status >= 500 { cause = problem.cause }
        if let delay = problem.retryAfter {
            // Whole seconds, rounded up: sooner would be too soon.
            let seconds = delay.components.seconds + (delay.components.attoseconds > 0 ? 1 : 0)
            fields.append(ResponseField("Retry-After", String(max(seconds, 1))))
        }
    }

    /// RFC 8288; path-absolute, as `Location` is.
    private static func link(to next: Key, in resource: ServedResource, _ limit: Int?) -> String {
        let cursor = Cursor.encode(next, of: resource.schema)
        guard let limit else { return "<\(resource.path)?cursor=\(cursor)>; rel=\"next\"" }
        return "<\(resource.path)?limit=\(limit)&cursor=\(cursor)>; rel=\"next\""
    }
}
