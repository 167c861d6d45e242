public import MartletKernel

/// A database that tests run on, so that one test body covers them all:
///
/// ```swift
/// @Test(arguments: Backend.all)
/// func `keeps what it is given`(_ backend: Backend) async throws {
///     let folder = try TemporaryFolder()
///     let storage = try await backend.storage(in: folder.path)
///     …
/// }
/// ```
/// Here is only the one that needs no plugin. A test target that can make others adds them:
///
/// ```swift
/// extension Backend {
///     static let sqlite = Backend("sqlite", …)
///     static let all = [memory, sqlite].filter { isChosen($0.name) }
/// }
/// ```
public struct Backend: Sendable, CustomStringConvertible {
    /// As the configuration calls the plugin: `sqlite`.
    public let name: String
    /// Whether records outlive a storage: whether ``storage(in:)`` finds again what one before it kept in the folder.
    public let isDurable: Bool
    private let makeStorage: @Sendable (_ folder: String) async throws -> any Storage

    /// - Parameter makeStorage: makes a storage, not prepared yet, that keeps what it has to keep in the folder with this path.
    public init(
        _ name: String, isDurable: Bool = true,
        makeStorage: @escaping @Sendable (_ folder: String) async throws -> any Storage
    ) {
        self.name = name
        self.isDurable = isDurable
        self.makeStorage = makeStorage
    }

    /// A storage, not prepared yet, on the database that is in the folder with this path; a new one when there is none.
    public func storage(in folder: String) async throws -> any Storage {
        try await makeStorage(folder)
    }

    /// The name.
    public var description: String { name }

    /// The reference storage.
    public static let memory = Backend("memory", isDurable: false) { _ in MemoryStorage() }
}
