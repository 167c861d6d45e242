import Foundation

/// Databases for tests, on a server that they share: the one that the environment variable `MARTLET_TEST_POSTGRES_URL`
/// names, else a ``PostgresServer`` that starts when the first test asks.
///
/// A database belongs to a folder, so that it has the life of the other things of a test, and is found again: it is
/// dropped some time after its folder is gone, and in any case when the tests' process ends.
public actor PostgresDatabases {
    private struct Made {
        let name: String
        let making: Task<Void, any Error>
        /// Since when its folder has been found gone.
        var goneSince: ContinuousClock.Instant?
    }

    private static let starting = Task { try await PostgresDatabases() }
    /// A test may let go of its folder before it has opened the database, or while it uses it.
    private static let grace = Duration.seconds(10)

    private let address: PostgresAddress
    /// Lives as long as this does.
    private let owned: any Sendable
    private let prefix = "martlet_test_\(UUID().uuidString.prefix(8).lowercased())_"
    private var count = 0
    private var made: [String: Made] = [:]
    /// The last that each was given. Hundreds of tests start at once: they come one after the other to a server that isn't
    /// busy with making databases, but with those that have theirs.
    private var makers: [Task<Void, any Error>?] = [nil, nil]

    private init() async throws {
        if let url = ProcessInfo.processInfo.environment["MARTLET_TEST_POSTGRES_URL"], !url.isEmpty {
            address = PostgresAddress(url: url)
            owned = try Supervisor(
                of: "psql", script: Self.dropping, [try PostgresPrograms.psql, url, prefix])
        } else {
            let server = try await PostgresServer()
            (address, owned) = (server.address, server)
        }
    }

    /// The database that belongs to a folder: an empty one when it is asked for the first time, the same ever after.
    /// - Returns: its connection string.
    /// - Throws: ``LiveServerError``, which tells how to install PostgreSQL where it isn't.
    public static func url(in folder: String) async throws -> String {
        try await starting.value.url(in: folder)
    }

    private func url(in folder: String) async throws -> String {
        let one = made[folder] ?? make(folder)
        try await one.making.value
        // Where hundreds of tests share two cores, that nothing comes for a moment doesn't mean that nobody is there.
        return address.database(one.name).with("connect_timeout", "30").url
    }

    private func make(_ folder: String) -> Made {
        dropUnused()
        count += 1
        let (address, name, maker) = (address, "\(prefix)\(count)", count % makers.count)
        let before = makers[maker]
        let making = Task {
            _ = await before?.result
            try await address.makeDatabase(name)
        }
        makers[maker] = making
        let new = Made(name: name, making: making)
        made[folder] = new
        return new
    }

    private func dropUnused() {
        let now = ContinuousClock.now
        var names: [String] = []
        for (folder, one) in made where !FileManager.default.fileExists(atPath: folder) {
            let goneSince = one.goneSince ?? now
            made[folder]?.goneSince = goneSince
            guard goneSince.duration(to: now) > Self.grace else { continue }
            made[folder] = nil
            names.append("'\(one.name)'")
        }
        if names.isEmpty { return }
        let sql = Self.drops("datname IN (\(names.joined(separator: ", "))) AND datname NOT IN (\(Self.inUse))")
        // What fails here is dropped at the end.
        Task { [address] in try? await address.run(sql) }
    }

    private static let inUse = "SELECT datname FROM pg_stat_activity WHERE datname IS NOT NULL"

    private static func drops(_ condition: String) -> String {
        "SELECT format('DROP DATABASE IF EXISTS %I', datname) FROM pg_database WHERE \(condition) \\gexec"
    }

    /// A supervisor's: when the tests' process has ended, what it made on somebody's server goes.
    private static let dropping = """
        trap '' PIPE
        read -r _ <&3
        printf '%s\\n' "select format('DROP DATABASE %I WITH (FORCE)', datname) from pg_database
            where starts_with(datname::text, '$3') \\\\gexec" | "$1" -Xq -d "$2"
        """
}
