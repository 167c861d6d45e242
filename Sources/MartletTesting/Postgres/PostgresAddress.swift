import Foundation

/// A database of a PostgreSQL server.
public struct PostgresAddress: Sendable, Hashable {
    /// A connection string, as libpq takes it.
    public let url: String

    /// - Parameter url: a connection string.
    public init(url: String) {
        self.url = url
    }

    /// The database `postgres` of a server whose socket is in this folder.
    init(folder: String) {
        let plain = CharacterSet.alphanumerics.union(["/", "-", ".", "_"])
        url =
            "postgresql://martlet@/postgres?host=\(folder.addingPercentEncoding(withAllowedCharacters: plain) ?? folder)"
    }

    /// Another database of the same server.
    func database(_ name: String) -> PostgresAddress { with("dbname", name) }

    /// Of several values for the same keyword in a connection string libpq takes the last.
    func with(_ keyword: String, _ value: String) -> PostgresAddress {
        guard url.hasPrefix("postgres") else { return PostgresAddress(url: "\(url) \(keyword)=\(value)") }
        return PostgresAddress(url: "\(url)\(url.contains("?") ? "&" : "?")\(keyword)=\(value)")
    }

    /// Makes a database. From `template0`, which nobody can be connected to: several can be made at once. The first
    /// connection to one fills a cache, which would take many longer than one.
    ///
    /// Its texts sort as in a dictionary where the server can do that: what forgets to say `COLLATE "C"` shows.
    func makeDatabase(_ name: String) async throws {
        try await run(
            """
            SELECT current_setting('server_version_num')::int >= 150000
                AND EXISTS (SELECT FROM pg_collation WHERE collprovider = 'i') AS dictionary \\gset
            \\if :dictionary
                CREATE DATABASE \(name) TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en-US';
            \\else
                CREATE DATABASE \(name) TEMPLATE template0 ENCODING 'UTF8';
            \\endif
            \\connect \(name)
            """)
    }

    /// Has `psql` run SQL, one statement or several.
    /// - Returns: the rows of its results, a line each, with `|` between columns.
    /// - Throws: ``LiveServerError`` with what `psql` says.
    @discardableResult
    public func run(_ sql: String, within time: Duration = .seconds(60)) async throws -> String {
        let folder = try TemporaryFolder()
        try folder.write(sql, to: "sql")
        let process = try ChildProcess(
            PostgresPrograms.psql, ["-XqAt", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", "sql"],
            environment: ["PATH": "/usr/bin:/bin"], in: folder.path, output: folder.file("output"),
            log: folder.file("errors"))
        guard try await process.ending(within: time) == .exited(0) else {
            let errors = try? String(contentsOfFile: folder.file("errors"), encoding: .utf8)
            throw LiveServerError("\(sql): \(errors.flatMap { $0.isEmpty ? nil : $0 } ?? "no answer within \(time)")")
        }
        return try String(contentsOfFile: folder.file("output"), encoding: .utf8)
            .trimmingCharacters(in: .newlines)
    }
}
