import FoundationEssentials
import MartletKernel
import MartletModel
import Synchronization
import UsersModel

/// Endpoints that tests serve beside the resources.
enum TestRoutes {
    static let all: [Route] = [card, unusedCard, count, note, file, tenant, sold]

    static let readCard = Endpoint<CardRequest, Card>(
        .get, "/users/{id}/card", "Reads a user's card", headerFields: ["tenant": "X-Tenant"])
    static let card = Route(readCard) { input, _ in
        Card(
            id: input.id, style: input.style, copies: input.copies, since: input.since, token: input.token,
            tenant: input.tenant)
    }

    /// At the same path, without content.
    static let unusedCard = Route(Endpoint<UserID, NoContent>(.delete, "/users/{id}/card", "Drops a user's card")) {
        _, _ in NoContent()
    }

    static let count = Route(Endpoint<Nothing, Count>(.get, "/users/count", "Counts the users")) { _, _ in
        Count(count: 7)
    }

    /// Writes a memo, once for each idempotency key.
    static let addNote = Endpoint<Note, Receipt>(
        .post, "/users/{id}/notes", "Adds a note", headerFields: ["priority": "X-Priority"])
    static let note = Route(addNote) { input, request throws(Problem) in
        guard let memos = request.application.resources["memos"] else { throw Problem(.internal, "no memos") }
        var row = RowBatch(width: memos.width)
        row.appendAbsentRow()
        row.set(row: 0, column: 1, to: input.text)
        let mutation = Mutation(memos, .insert(try ValidatedRow(row, memos, for: .create)))
        let written = try await request.application.write(
            Write(mutation, idempotency: request.idempotency), request.context)
        guard case .uuid(let memo)? = memos.key(ofRow: 0, in: written[0].record) else {
            throw Problem(.internal, "no key")
        }
        return Receipt(
            memo: memo, user: input.id, isPinned: input.isPinned, kind: input.kind, extra: input.extra,
            priority: input.priority)
    }

    static let file = Route(Endpoint<File, File>(.get, "/files/{folder}/{name}", "Reads a file")) { input, _ in input }

    static let tenant = Route(Endpoint<Nothing, Tenant>(.get, "/tenant", "Reads the tenant")) { _, request in
        Tenant(name: request.headerFields["x-TENANT"])
    }

    static let sold = Route(Endpoint<UserID, NoContent>(.patch, "/users/{id}/sale", "Sells")) {
        _, _ throws(Problem) in throw Problem(.uniqueTaken, "It was sold.", retryAfter: .seconds(3))
    }

    struct Nothing: Model {
        static let schema = Schema(message: "nothing", build: { Nothing() })
    }

    struct UserID: Model {
        var id: Int64
        static let schema = Schema(message: "user-id", Field("id", \.id, .range(1...1000)), build: UserID.init)
    }

    enum Style: String, EnumerationValue { case plain, gilt }

    struct CardRequest: Model {
        var id: Int64
        var style: Style
        var copies: Int64
        var since: Timestamp?
        var token: UUID?
        var tenant: String
        static let schema = Schema(
            message: "card-request", Field("id", \.id, .range(1...1000)), Field("style", \.style, .default("plain")),
            Field("copies", \.copies, .range(1...5)), Field("since", \.since), Field("token", \.token),
            Field("tenant", \.tenant, .length(1...10)), build: CardRequest.init)
    }

    struct Card: Model {
        var id: Int64
        var style: Style
        var copies: Int64
        var since: Timestamp?
        var token: UUID?
        var tenant: String
        static let schema = Schema(
            message: "card", Field("id", \.id), Field("style", \.style), Field("copies", \.copies),
            Field("since", \.since), Field("token", \.token), Field("tenant", \.tenant), build: Card.init)
    }

    struct Count: Model {
        var count: Int64
        static let schema = Schema(message: "count", Field("count", \.count), build: Count.init)
    }

    struct Note: Model {
        var id: Int64
        var text: String
        var isPinned: Bool
        var kind: Style?
        var extra: JSONValue?
        var priority: Int64?
        static let schema = Schema(
            message: "note", Field("id", \.id), Field("text", \.text, .length(1...10)),
            Field("isPinned", \.isPinned, .default(true)), Field("kind", \.kind), Field("extra", \.extra),
            Field("priority", \.priority, .range(0...9)), build: Note.init)
    }

    struct Receipt: Model {
        var memo: UUID
        var user: Int64
        var isPinned: Bool
        var kind: Style?
        var extra: JSONValue?
        var priority: Int64?
        static let schema = Schema(
            message: "receipt", Field("memo", \.memo), Field("user", \.user), Field("isPinned", \.isPinned),
            Field("kind", \.kind), Field("extra", \.extra), Field("priority", \.priority), build: Receipt.init)
    }

    struct File: Model {
        var folder: String
        var name: String
        static let schema = Schema(
            message: "file", Field("folder", \.folder), Field("name", \.name), build: File.init)
    }

    struct Tenant: Model {
        var name: String?
        static let schema = Schema(message: "tenant", Field("name", \.name), build: Tenant.init)
    }
}
