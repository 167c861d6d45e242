import MartletTesting
import Testing

@Suite struct PostgresDatabasesTests {
    @Test func `a folder has a database of its own, the same each time`() async throws {
        let (one, other) = (try TemporaryFolder(), try TemporaryFolder())
        let urls = try await withThrowingTaskGroup { group in
            for folder in [one, other, one, one] {
                group.addTask { (folder.path, try await PostgresDatabases.url(in: folder.path)) }
            }
            return try await group.reduce(into: [String: Set<String>]()) { $0[$1.0, default: []].insert($1.1) }
        }
        #expect(urls[one.path]?.count == 1 && urls[other.path]?.count == 1)
        #expect(urls[one.path] != urls[other.path])
    }
}
