import MartletModel

/// What documents and remarks refer to by a text.
struct Owner: Model {
    var id: String
    var name: String
    var email: String?
    var createdAt: Timestamp
    var updatedAt: Timestamp

    static let schema = Schema(
        "owners",
        Field("id", \.id, .key(.assigned), .length(1...200)),
        Field("name", \.name),
        Field("email", \.email, .unique(ignoringCase: true)),
        Field("createdAt", \.createdAt, .managed(.createdAt)),
        Field("updatedAt", \.updatedAt, .managed(.updatedAt)),
        build: Owner.init)

    init(_ id: String, name: String = "name", email: String? = nil, at time: Timestamp = Subject.time) {
        self.init(id: id, name: name, email: email, createdAt: time, updatedAt: time)
    }

    private init(id: String, name: String, email: String?, createdAt: Timestamp, updatedAt: Timestamp) {
        (self.id, self.name, self.email) = (id, name, email)
        (self.createdAt, self.updatedAt) = (createdAt, updatedAt)
    }
}
