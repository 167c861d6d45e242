import Foundation

/// A PostgreSQL of the tests' own: a new cluster in a temporary folder, that listens on a Unix socket there and nowhere
/// else. It is stopped and removed when the last reference is gone or the tests' process ends.
///
/// ```swift
/// let postgres = try await PostgresServer()
/// let database = try await postgres.makeDatabase()
/// …
/// try await postgres.stop(.immediate)
/// ```
/// Starting one takes about a second. ``PostgresDatabases`` are on one that all tests share.
///
/// `fsync` is off: what is committed outlives processes that are killed, as tests do, but not a power cut.
public final class PostgresServer: Sendable {
    /// How the server is stopped.
    public enum StopMode: Sendable {
        /// Connections are ended, what is committed is written, and the server goes.
        case fast
        /// It goes without tidying up, as if it had crashed, and recovers when it starts again.
        case immediate
    }

    /// The server's own database, `postgres`, for what is no single test's.
    public let address: PostgresAddress
    private let folder: TemporaryFolder
    private let supervisor: Supervisor

    /// Makes a cluster and starts its server.
    /// - Throws: ``LiveServerError``, which tells how to install PostgreSQL where it isn't.
    public init() async throws {
        let (programs, user) = (try PostgresPrograms.server, UnprivilegedUser())
        folder = try Self.makeFolder(for: user)
        try user?.own(folder.path)
        address = PostgresAddress(folder: folder.path)
        supervisor = try Supervisor(
            of: "PostgreSQL", script: Self.script, [folder.path, programs] + (user?.prefix ?? []),
            log: folder.file("log"))
        try await tell("initialize")
        try await start()
    }

    /// Starts it again, with what it had committed.
    public func start() async throws {
        try await tell("start")
    }

    /// Stops it, and returns when it is gone.
    public func stop(_ mode: StopMode) async throws {
        switch mode {
        case .fast: try await tell("INT")
        case .immediate: try await tell("QUIT")
        }
    }

    /// Makes an empty database.
    public func makeDatabase() async throws -> PostgresAddress {
        let name = "test_\(UUID().uuidString.prefix(8).lowercased())"
        try await address.makeDatabase(name)
        return address.database(name)
    }

    /// What it has logged.
    public var log: String { (try? String(contentsOfFile: folder.file("log"), encoding: .utf8)) ?? "" }

    /// Its Unix socket.
    var socket: String { folder.file(".s.PGSQL.5432") }

    /// The process that all its others are children of; nil when it doesn't run.
    var postmaster: Int32? {
        let lines = try? String(contentsOfFile: folder.file("data/postmaster.pid"), encoding: .utf8)
        return lines?.split(separator: "\n").first.flatMap { Int32($0) }
    }

    private func tell(_ command: String) async throws {
        guard try await supervisor.ask(command) == "done" else {
            throw LiveServerError("PostgreSQL can't \(command). Its log:\n\(log)")
        }
    }

    /// Where the server's user may go, and with a path that a socket's address has room for: 107 bytes (unix(7)).
    private static func makeFolder(for user: UnprivilegedUser?) throws -> TemporaryFolder {
        let length = "/martlet-\(UUID().uuidString)/.s.PGSQL.5432.lock".utf8.count
        let parent = [FileManager.default.temporaryDirectory.path, "/tmp"].first { parent in
            parent.utf8.count + length <= 107 && user?.mayEnter(parent) != false
        }
        guard let parent else { throw LiveServerError("neither TMPDIR nor /tmp can have PostgreSQL's socket") }
        return try TemporaryFolder(below: parent)
    }

    /// The supervisor's, with the server's folder, its programs' folder, and what makes another user of this one.
    ///
    /// One server for hundreds of tests at once: many connections, each with little. `autovacuum` would wake for each of
    /// their databases.
    private static let script = """
        folder=$1 programs=$2
        shift 2
        cd "$folder" || exit
        trap '' PIPE
        trap '[ -z "$server" ] || { kill -QUIT "$server"; wait; }; rm -rf "$folder"' EXIT
        while read -r command <&3; do
            answer=done
            case $command in
            initialize)
                "$@" "$programs/initdb" -D data -U martlet --auth=trust --encoding=UTF8 --locale=C --no-sync 3<&- \
                    || answer=failed ;;
            start)
                "$@" "$programs/postgres" -D data -k "$folder" -h '' -F -N 1000 -B 32MB -c full_page_writes=off \
                    -c max_wal_size=128MB -c autovacuum=off 3<&- &
                server=$!
                until grep -q '^ready' data/postmaster.pid 2>/dev/null; do
                    [ -e "/proc/$server/exe" ] || { answer=failed; break; }
                    sleep 0.02
                done ;;
            *)
                kill -"$command" "$server" && wait "$server"
                server= ;;
            esac
            echo $answer >&3
        done
        """
}
