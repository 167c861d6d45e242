import MartletModel

/// Records to list, and what a list answers of them.
extension TestServer {
    private static let users = #"[{"name":"Ada","email":"ada@example.org"},{"name":"Bea","email":"bea@example.org"}]"#
    private static let gadgets = """
        [{"name":"a,b*","amount":1,"ratio":0.5,"day":"2026-01-01","owner":2,"secret":"hidden","color":"green"},
        {"name":"b","amount":2,"isActive":false,"secret":"hidden","extra":{"z":1},"data":"AQ==","owner":1},
        {"name":"B","secret":"hidden","token":"00000000-0000-4000-8000-000000000001","shade":"dark"},
        {"name":"(c)","amount":2,"madeAt":"2026-01-01T00:00:00Z","secret":"hidden"}]
        """
    private static let pages = """
        [{"slug":"a","title":"A"},{"slug":"b","title":"B","parent":"a"},{"slug":"c","title":"C","parent":"b"}]
        """

    /// Makes two users, four gadgets and three pages, each below the one before.
    func fill() throws {
        for (path, records) in [("/users", Self.users), ("/gadgets", Self.gadgets), ("/pages", Self.pages)] {
            let answer = try call("POST", path, records)
            guard answer.status == 201 else { throw RawConnection.Failure(description: answer.body) }
        }
    }

    /// A field of each record of a list.
    func list(_ target: String, _ field: String = "id") throws -> [String] {
        let answer = try answer(to: Requests.get(target))
        guard answer.status == 200 else { throw RawConnection.Failure(description: answer.body) }
        return (answer.json?.array ?? []).map { record in
            record[field]?.integer.map { "\($0)" } ?? record[field]?.string ?? "-"
        }
    }
}

extension RawAnswer {
    /// Where its link leads.
    var next: String? {
        guard let link = self["Link"], link.hasPrefix("<"), link.hasSuffix(">; rel=\"next\"") else { return nil }
        return String(link.dropFirst().dropLast(">; rel=\"next\"".count))
    }

    /// The problem's errors as `parameter: detail`.
    var details: [String] {
        (json?["errors"]?.array ?? []).map { "\($0["parameter"]?.string ?? "-"): \($0["detail"]?.string ?? "-")" }
    }
}
