import FuzzSupport
import MartletModel

/// Rows as a storage keeps them: what is read is what was written, and a damaged file is refused.
enum EncodingRules {
    static func check(_ bytes: UnsafeRawBufferPointer) {
        var rest = Array(bytes)[...]
        guard let rows = RowBatch(takenFrom: &rest) else { return }
        var again: [UInt8] = []
        rows.append(to: &again)
        for cell in rows.cells {
            Fuzzer.expect(cell.number?.isFinite ?? true, "a number that JSON has: \(rows)")
            Fuzzer.expect(
                (cell.tag == .timestamp) == (cell.timestamp != nil), "a time of the years 0001 to 9999: \(rows)")
            Fuzzer.expect((cell.tag == .date) == (cell.date != nil), "a day of the years 0001 to 9999: \(rows)")
        }
        Fuzzer.expect(again.elementsEqual(bytes.prefix(bytes.count - rest.count)), "rows have one encoding: \(again)")
    }
}
