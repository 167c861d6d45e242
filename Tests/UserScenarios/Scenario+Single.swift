import MartletModel
import UsersModel

extension Scenario {
    /// One client, one step after the other.
    static let single: [Scenario] = [
        Scenario("the tutorial's walk: create, read, list, delete") { users in
            try expect(await users.all(), [], "the users at first")
            let ada = try await users.create("Ada", "ada@example.org")
            let bob = try await users.create("Bob", "bob@example.org")
            try expect([ada.name, ada.email], ["Ada", "ada@example.org"], "the new user")
            try expect(ada.id > 0 && bob.id > ada.id, true, "ids ascend: \(ada.id), \(bob.id)")
            try expect(await users.get(ada.id), ada, "the user")
            try expect(await users.all(), [ada, bob], "all users")
            try await users.delete(ada.id)
            try expect(await users.all(), [bob], "the users that are left")
        },
        Scenario("every mistake of a body is told at once, and nothing is kept") { users in
            try await expectProblem(.validationFailed, ["#/name required", "#/email required"]) {
                try await users.create(UsersAPI.Fields())
            }
            try await expectProblem(.validationFailed, ["#/name length", "#/email format"]) {
                try await users.create("", "ada@")
            }
            let ada = try await users.create("Ada", "ada@example.org")
            try await expectProblem(.validationFailed, ["#/name characters", "#/email format"]) {
                try await users.update(ada.id, UsersAPI.Fields(name: "\u{0}", email: "a b@example.org"))
            }
            try await expectProblem(.validationFailed, ["#/name length"]) {
                try await users.replace(
                    User(id: ada.id, name: String(repeating: "\u{1F600}", count: 201), email: "a@b.c"))
            }
            try expect(await users.all(), [ada], "all users")
        },
        Scenario("a name has up to 200 scalars, of any script") { users in
            let names = [
                "x", String(repeating: "\u{1F600}", count: 200), "e\u{301}", "'; DROP TABLE users; --", "\u{1}\\\"",
            ]
            for (number, name) in names.enumerated() {
                let user = try await users.create(UsersAPI.Fields(name: name, email: "u\(number)@example.org"))
                let read = try await users.get(user.id)
                try expect(Array(read.name.utf8), Array(name.utf8), "the bytes of \(name.debugDescription)")
            }
        },
        Scenario("an address is taken whatever its case, for a new user and for another") { users in
            let ada = try await users.create("Ada", "Ada@Example.org")
            let bob = try await users.create("Bob", "bob@example.org")
            try await expectProblem(.uniqueTaken, ["#/email unique"]) {
                try await users.create("Eve", "aDA@eXAMPLE.ORG")
            }
            try await expectProblem(.uniqueTaken, ["#/email unique"]) {
                try await users.update(bob.id, UsersAPI.Fields(email: "ada@example.org"))
            }
            var taken = bob
            taken.email = "ADA@example.org"
            try await expectProblem(.uniqueTaken, ["#/email unique"]) { try await users.replace(taken) }
            try expect(await users.all(), [ada, bob], "all users")
            let again = try await users.update(ada.id, UsersAPI.Fields(email: "ada@example.org"))
            try expect(again.email, "ada@example.org", "her own address, in another case")
        },
        Scenario("a user that isn't there is not found, whatever is asked") { users in
            let ada = try await users.create("Ada", "ada@example.org")
            for id in [ada.id + 1, 0, -1, .max, .min] {
                try await expectProblem(.notFound) { try await users.get(id) }
                try await expectProblem(.notFound) { try await users.update(id, UsersAPI.Fields(name: "x")) }
                try await expectProblem(.notFound) {
                    try await users.replace(User(id: id, name: "x", email: "ada@example.org"))
                }
                try await expectProblem(.notFound) { try await users.delete(id) }
            }
            try expect(await users.all(), [ada], "all users")
        },
        Scenario("an update keeps what it doesn't name") { users in
            var ada = try await users.create("Ada", "ada@example.org")
            ada.name = "Ada Lovelace"
            try expect(await users.update(ada.id, UsersAPI.Fields(name: ada.name)), ada, "the updated user")
            try expect(await users.update(ada.id, UsersAPI.Fields()), ada, "the user after an update of nothing")
            try expect(await users.get(ada.id), ada, "the user")
        },
        Scenario("a replacement sets everything but the id") { users in
            let ada = try await users.create("Ada", "ada@example.org")
            let bob = try await users.create("Bob", "bob@example.org")
            let new = User(id: ada.id, name: "Grace", email: "grace@example.org")
            try expect(await users.replace(new), new, "the replaced user")
            try expect(await users.all(), [new, bob], "all users")
        },
        Scenario("what is deleted is gone, its address is free, and its id never comes again") { users in
            let ada = try await users.create("Ada", "ada@example.org")
            try await users.delete(ada.id)
            try await expectProblem(.notFound) { try await users.get(ada.id) }
            try await expectProblem(.notFound) { try await users.delete(ada.id) }
            let other = try await users.create("Ada", "ADA@example.org")
            try expect(other.id > ada.id, true, "\(other.id) comes after \(ada.id)")
        },
    ]
}
