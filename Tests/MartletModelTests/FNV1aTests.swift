import Testing

@testable import MartletModel

@Suite struct FNV1aTests {
    /// The first of the authors' test vectors.
    @Test(
        arguments: [
            ("", 0x811C_9DC5, 0xCBF2_9CE4_8422_2325), ("a", 0xE40C_292C, 0xAF63_DC4C_8601_EC8C),
            ("foobar", 0xBF9C_F968, 0x8594_4171_F739_67E8),
        ] as [(String, UInt32, UInt64)])
    func `the hash of a text is that of its authors`(text: String, short: UInt32, long: UInt64) {
        #expect(FNV1a<UInt32>.hash(of: text) == short)
        #expect(FNV1a<UInt64>.hash(of: text) == long)
    }

    @Test func `a hash goes on where another one ended`() {
        var hash = FNV1a(FNV1a<UInt64>.hash(of: "foo"))
        hash.add("bar")
        #expect(hash.value == FNV1a.hash(of: "foobar"))
    }
}
