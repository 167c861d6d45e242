public import MartletKernel

/// What every storage has to satisfy, as clauses that can be checked one by one.
///
/// A storage's author writes two tests, in any framework. In Swift Testing:
///
/// ```swift
/// @Test(arguments: StorageContract.clauses)
/// func `keeps the contract`(_ clause: StorageContract.Clause) async throws {
///     try await clause.check { MyStorage(path: nil) }
/// }
///
/// @Test(arguments: StorageContract.durabilityClauses)
/// func `keeps what was acknowledged`(_ clause: StorageContract.Clause) async throws {
///     let folder = try TemporaryFolder()
///     try await clause.check { MyStorage(path: folder.path + "/data") }
/// }
/// ```
///
/// One with migrations checks ``migrationClauses`` like the second.
///
/// Clauses show what each call means, lists among them: a storage without a query language answers these with
/// `Query.List.page(of:)`. ``RandomOperations`` compares a storage with the reference where many things come together.
public enum StorageContract {
    /// Makes the storage to be checked, not prepared yet.
    public typealias Maker = @Sendable () async throws -> any Storage

    /// What holds for every storage, also for one that keeps its records in memory.
    public static let clauses: [Clause] = records + queries

    /// About single records, and pages of all.
    static let records: [Clause] =
        reading + types + defaults + paging + keys + updating + upserts + deleting + uniqueness + compounds + versions
        + preconditions + references + deleteRules + transactions + results + refusals + bounds + idempotency
        + concurrency + life

    /// About lists and counts.
    static let queries: [Clause] = filters + patterns + lists + walks + sizes

    /// What holds for a storage whose records outlive it. Here the maker is called more than once, each time after the
    /// storage that it made before was closed: all that it makes for one check have to open the same database.
    public static let durabilityClauses: [Clause] = durability

    /// What holds for a storage that has migrations. The maker is called as often as in ``durabilityClauses``.
    public static let migrationClauses: [Clause] = evolution + misfits + losses + retypings
}

extension StorageContract {
    /// One thing that a storage has to satisfy.
    public struct Clause: Sendable, Identifiable, CustomStringConvertible {
        /// A sentence that is true of the storage, unique among all clauses.
        public let name: String
        private let body: @Sendable (Database) async throws -> Void

        /// A clause about one storage, which is prepared before and closed behind it.
        init(_ name: String, on body: @escaping @Sendable (Subject) async throws -> Void) {
            self.name = name
            self.body = { database in try await database.open(Subject.schemas, body) }
        }

        /// A clause about a database that is opened several times.
        static func reopening(_ name: String, on body: @escaping @Sendable (Database) async throws -> Void) -> Clause {
            Clause(name: name, body: body)
        }

        private init(name: String, body: @escaping @Sendable (Database) async throws -> Void) {
            self.name = name
            self.body = body
        }

        /// The name.
        public var id: String { name }
        /// The name.
        public var description: String { name }

        /// Checks the clause.
        /// - Parameter make: makes a storage whose database is empty. It is prepared and closed by the check.
        /// - Throws: ``ContractViolation`` when the storage breaks the clause, and what the storage itself throws.
        public func check(_ make: @escaping Maker) async throws {
            do {
                try await body(Database(make: make, clause: name))
            } catch let violation as ContractViolation {
                throw violation
            } catch {
                throw ContractViolation("\(name): it threw \(error)")
            }
        }
    }
}
