import MartletKernel
import MartletModel
import UsersModel

// CONTRIBUTING.md shows what stands between the marks; a test compares them.

// example: normalise
/// Keeps addresses in lower case.
struct LowercaseAddresses: Hook {
    let resource = "users"

    func beforeWrite(_ write: inout ProposedWrite) {
        if let email = write[\User.email] { write[\User.email] = email.lowercased() }
    }
}
// end

// example: refuse
/// A name that was given stays. The commit makes sure that the record is still the one that was looked at.
struct FixedNames: Hook {
    let resource = "users"
    let needsStored = true

    func beforeWrite(_ write: inout ProposedWrite) throws(Problem) {
        guard let before = write.stored(\User.name), let name = write[\User.name], name != before else { return }
        throw .validationFailed([FieldError(field: "name", .refused, "can't be changed")])
    }
}
// end

// example: add
/// Leaves a record of every change, in the same transaction: there is never one without the other.
struct AuditTrail: Hook {
    let resource = "users"
    let needsStored = true

    func beforeWrite(_ write: inout ProposedWrite) throws(Problem) {
        let name = write[\User.name] ?? write.stored(\User.name) ?? ""
        try write.insert(AuditEntry(id: 0, action: "\(write.kind)", name: name, at: write.time))
    }
}

struct AuditEntry: Model {
    var id: Int64
    var action: String
    var name: String
    var at: Timestamp

    static let schema = Schema(
        "audit", Field("id", \.id, .key(.generated)), Field("action", \.action), Field("name", \.name),
        Field("at", \.at, .managed(.createdAt)), build: AuditEntry.init)
}
// end
