import MartletModel
import Testing

@Suite struct RowBatchTests {
    @Test func `a cell is 16 bytes`() {
        #expect(MemoryLayout<Cell>.stride == 16)
    }

    @Test func `batches are equal in their values, wherever these lie`() {
        var a = RowBatch(width: 2)
        a.append("x")
        a.append(.integer(1))
        var b = RowBatch(width: 2)
        b.appendAbsentRow()
        b.set(row: 0, column: 0, to: "longer, and replaced")
        b.set(row: 0, column: 0, to: "x")
        #expect(a != b)
        b.set(row: 0, column: 1, to: .integer(1))
        #expect(a == b)
        b.append(row: 0, of: a)
        #expect(b.count == 2 && a != b)
        b.removeLastRow()
        #expect(a == b)
        b.set(row: 0, column: 1, to: .null)
        #expect(a != b)
    }

    @Test(arguments: ["", "a", "é😀\u{301}", "a\0b", String(repeating: "x", count: 100_000)])
    func `a string comes back as it went in`(_ text: String) {
        var rows = RowBatch(width: 1)
        rows.append("before")
        rows.append(text)
        #expect(rows.string(of: rows[1, 0])?.utf8.elementsEqual(text.utf8) == true)
        #expect(rows.string(of: .integer(1)) == nil)
    }
}
