import MartletModel

/// A tree, whose branches go with their stem.
struct Folder: Model {
    var id: Int64
    var name: String
    var parent: Int64?
    var updatedAt: Timestamp

    static let schema = Schema(
        "folders",
        Field("id", \.id, .key(.generated)),
        Field("name", \.name),
        Field("parent", \.parent, .references("folders", onDelete: .cascade)),
        Field("updatedAt", \.updatedAt, .managed(.updatedAt)),
        unique: [["parent", "name"]],
        build: Folder.init)

    init(_ name: String, in parent: Int64? = nil, at time: Timestamp = Subject.time) {
        self.init(id: 0, name: name, parent: parent, updatedAt: time)
    }

    private init(id: Int64, name: String, parent: Int64?, updatedAt: Timestamp) {
        (self.id, self.name, self.parent, self.updatedAt) = (id, name, parent, updatedAt)
    }
}
