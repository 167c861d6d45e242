import MartletModel

/// A second resource, called by an SQL keyword.
struct Entry: Model {
    var id: Int64
    var text: String

    static let schema = Schema(
        "select", Field("id", \.id, .key(.generated)), Field("text", \.text), build: Entry.init)

    init(_ text: String) {
        self.init(id: 0, text: text)
    }

    private init(id: Int64, text: String) {
        (self.id, self.text) = (id, text)
    }
}
