import Testing

@testable import PostgresStorage

struct NameTests {
    @Test func `a name that the server would cut ends with a checksum, always the same one`() {
        let longest = String(repeating: "a", count: 63)
        #expect(TableLayout.shortened(longest) == longest)
        let shortened = TableLayout.shortened(longest + "b")
        #expect(shortened == String(repeating: "a", count: 46) + "~db007549f35eb6cc")
        #expect(shortened.utf8.count == 63)
        #expect(TableLayout.shortened(longest + "c") != shortened)
    }
}
