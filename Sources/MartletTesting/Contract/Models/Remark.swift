import FoundationEssentials
import MartletModel

/// Keeps what it refers to, unless it goes with its folder.
struct Remark: Model {
    var id: Int64
    var text: String
    var document: UUID?
    var author: String?
    var approver: String?
    var answers: Int64?
    var folder: Int64?

    static let schema = Schema(
        "remarks",
        Field("id", \.id, .key(.assigned)),
        Field("text", \.text),
        Field("document", \.document, .references("documents")),
        Field("author", \.author, .references("owners")),
        Field("approver", \.approver, .references("owners")),
        Field("answers", \.answers, .references("remarks")),
        Field("folder", \.folder, .references("folders", onDelete: .cascade)),
        build: Remark.init(id:text:document:author:approver:answers:folder:))

    init(
        _ id: Int64, text: String = "text", on document: UUID? = nil, author: String? = nil, approver: String? = nil,
        answers: Int64? = nil, folder: Int64? = nil
    ) {
        self.init(
            id: id, text: text, document: document, author: author, approver: approver, answers: answers,
            folder: folder)
    }

    private init(
        id: Int64, text: String, document: UUID?, author: String?, approver: String?, answers: Int64?, folder: Int64?
    ) {
        (self.id, self.text, self.document, self.author) = (id, text, document, author)
        (self.approver, self.answers, self.folder) = (approver, answers, folder)
    }
}
