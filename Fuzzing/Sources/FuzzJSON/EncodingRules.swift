import FuzzSupport
import MartletModel

/// Rows as a storage keeps them: what is read is what was written, and a damaged file is refused.
enum EncodingRules {
    static func check(_ bytes: UnsafeRawBufferPointer) {
        var rest = Array(bytes)[...]
        guard let rows = RowBatch(takenFrom: &rest) else { return }
        var again: [UInt8] = []
        rows.append(to: &again)
        Fuzzer.expect(again.elementsEqual(bytes.prefix(bytes.count - rest.count)), "rows have one encoding: \(again)")
    }
}
