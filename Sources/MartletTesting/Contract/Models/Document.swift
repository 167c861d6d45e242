import FoundationEssentials
import MartletModel

/// Goes with its folder, and outlives its owner.
struct Document: Model {
    var id: UUID
    var title: String
    var folder: Int64
    var owner: String?
    var reviewer: String?
    var updatedAt: Timestamp

    static let schema = Schema(
        "documents",
        Field("id", \.id, .key(.generated)),
        Field("title", \.title),
        Field("folder", \.folder, .references("folders", onDelete: .cascade)),
        Field("owner", \.owner, .references("owners", onDelete: .setNull)),
        Field("reviewer", \.reviewer, .references("owners", onDelete: .setNull)),
        Field("updatedAt", \.updatedAt, .managed(.updatedAt)),
        unique: [["folder", "title"]],
        indexes: [["owner", "title"]],
        build: Document.init(id:title:folder:owner:reviewer:updatedAt:))

    init(
        _ id: UUID, title: String = "title", in folder: Int64, owner: String? = nil,
        reviewer: String? = nil, at time: Timestamp = Subject.time
    ) {
        self.init(id: id, title: title, folder: folder, owner: owner, reviewer: reviewer, updatedAt: time)
    }

    private init(
        id: UUID, title: String, folder: Int64, owner: String?, reviewer: String?, updatedAt: Timestamp
    ) {
        (self.id, self.title, self.folder) = (id, title, folder)
        (self.owner, self.reviewer, self.updatedAt) = (owner, reviewer, updatedAt)
    }
}
