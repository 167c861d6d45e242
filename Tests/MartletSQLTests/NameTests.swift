import Testing

@testable import MartletSQL

@Suite struct NameTests {
    @Test func `a name that the server would cut ends with a checksum, always the same one`() {
        let longest = String(repeating: "a", count: 63)
        #expect(SQLDialect.postgres.objectName(longest) == longest)
        #expect(SQLDialect.sqlite.objectName(longest + "b") == longest + "b")
        let shortened = SQLDialect.postgres.objectName(longest + "b")
        #expect(shortened == String(repeating: "a", count: 46) + "~db007549f35eb6cc")
        #expect(shortened.utf8.count == 63)
        #expect(SQLDialect.postgres.objectName(longest + "c") != shortened)
    }
}
