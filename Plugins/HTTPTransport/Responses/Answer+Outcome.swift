import MartletKernel
import MartletModel

extension Answer {
    /// What an operation's outcome looks like in HTTP. Its content is left in `json`.
    init(_ outcome: Outcome, of resource: ServedResource, _ work: Plan.Work, _ json: inout JSONWriter) {
        json.removeAll()
        switch outcome {
        case .created(let rows):
            json.write(row: 0, of: rows, resource.schema)
            let location = resource.schema.key(ofRow: 0, in: rows).map(resource.path(of:))
            self.init(status: 201, content: .record, fields: location.map { [ResponseField("Location", $0)] } ?? [])
        case .record(let rows):
            json.write(row: 0, of: rows, resource.schema)
            self.init(status: 200, content: .record)
            if case .replace(let key) = work { fields = [ResponseField("Content-Location", resource.path(of: key))] }
        case .page(let rows, let next):
            json.write(array: rows, resource.schema)
            self.init(status: 200, content: .record)
            if let next { fields = [ResponseField("Link", Self.link(to: next, in: resource, work))] }
        case .deleted:
            self.init(status: 204, content: .none)
        }
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
    private static func link(to next: Key, in resource: ServedResource, _ work: Plan.Work) -> String {
        let cursor = Cursor.encode(next, of: resource.schema)
        guard case .list(_, _, .some(let limit)) = work else {
            return "<\(resource.path)?cursor=\(cursor)>; rel=\"next\""
        }
        return "<\(resource.path)?limit=\(limit)&cursor=\(cursor)>; rel=\"next\""
    }
}
