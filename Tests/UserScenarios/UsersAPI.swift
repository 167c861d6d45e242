public import UsersModel

/// What can be done with users, over whatever way: in this process, or through a client and a server. What is refused
/// is thrown as a `Problem`.
public struct UsersAPI: Sendable {
    /// The fields that a request sets; nil: it leaves them out.
    public struct Fields: Sendable {
        public var name: String?
        public var email: String?

        public init(name: String? = nil, email: String? = nil) {
            self.name = name
            self.email = email
        }
    }

    public var create: @Sendable (Fields) async throws -> User
    public var get: @Sendable (Int64) async throws -> User
    public var update: @Sendable (Int64, Fields) async throws -> User
    public var replace: @Sendable (User) async throws -> User
    public var delete: @Sendable (Int64) async throws -> Void
    /// Calls the body with each page of at most `limit` users, until there is no next one.
    public var pages: @Sendable (_ limit: Int, _ body: ([User]) async throws -> Void) async throws -> Void

    public init(
        create: @escaping @Sendable (Fields) async throws -> User,
        get: @escaping @Sendable (Int64) async throws -> User,
        update: @escaping @Sendable (Int64, Fields) async throws -> User,
        replace: @escaping @Sendable (User) async throws -> User,
        delete: @escaping @Sendable (Int64) async throws -> Void,
        pages: @escaping @Sendable (_ limit: Int, _ body: ([User]) async throws -> Void) async throws -> Void
    ) {
        self.create = create
        self.get = get
        self.update = update
        self.replace = replace
        self.delete = delete
        self.pages = pages
    }
}

extension UsersAPI {
    func create(_ name: String, _ email: String) async throws -> User {
        try await create(Fields(name: name, email: email))
    }

    func all() async throws -> [User] {
        var users: [User] = []
        try await pages(1000) { users += $0 }
        return users
    }
}
