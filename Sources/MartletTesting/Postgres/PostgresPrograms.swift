import Foundation

/// Where PostgreSQL's programs are: the newest version that Debian's packages have installed, else what `PATH` finds.
struct PostgresPrograms {
    /// A folder with `initdb` and `postgres`.
    static var server: String {
        get throws(LiveServerError) { try folder(with: ["initdb", "postgres"], package: "postgresql") }
    }

    /// The path of `psql`.
    static var psql: String {
        get throws(LiveServerError) { try folder(with: ["psql"], package: "postgresql-client") + "/psql" }
    }

    private static func folder(with programs: [String], package: String) throws(LiveServerError) -> String {
        let debian = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: debian)) ?? []
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let folders =
            versions.compactMap(Int.init).sorted(by: >).map { "\(debian)/\($0)/bin" }
            + path.split(separator: ":").map(String.init)
        let found = folders.first { folder in
            programs.allSatisfy { FileManager.default.isExecutableFile(atPath: "\(folder)/\($0)") }
        }
        if let found { return found }
        throw LiveServerError(
            """
            tests on PostgreSQL need its \(programs.joined(separator: " and ")), in \(debian)/*/bin or in PATH: \
            apt-get install \(package)
            """)
    }
}
