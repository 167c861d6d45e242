import Glibc
import Testing

@testable import MartletModel

@Suite struct JSONNumberTests {
    private func read(_ spelling: String) -> Double? {
        Array(spelling.utf8).withUnsafeBytes { JSONNumber.double($0) }
    }

    @Test(
        arguments: [
            (0, "0.0"), (1, "1.0"), (-1, "-1.0"), (0.1, "0.1"), (1.5, "1.5"), (100, "100.0"),
            (1e20, "1e+20"),
            (1e-7, "1e-07"), (0.0001, "0.0001"), (0.00001, "1e-05"), (123_456_789.125, "123456789.125"),
            (9_007_199_254_740_992, "9007199254740992.0"), (1e16, "1e+16"), (1.0 / 3, "0.3333333333333333"),
            (.greatestFiniteMagnitude, "1.7976931348623157e+308"),
            (-.greatestFiniteMagnitude, "-1.7976931348623157e+308"),
            (.leastNonzeroMagnitude, "5e-324"), (.leastNormalMagnitude, "2.2250738585072014e-308"),
            (-.leastNormalMagnitude, "-2.2250738585072014e-308"), (.pi, "3.141592653589793"),
        ] as [(Double, String)])
    func `a number's text, which is Swift's, is its shortest`(_ value: Double, _ text: String) {
        #expect(value.description == text)
        #expect(read(text) == value)
    }

    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("-0.0", 0), ("0e0", 0), ("-0e-5", 0), ("1", 1), ("1.0", 1), ("1e2", 100),
            ("1E+2", 100),
            ("12.5e-1", 1.25), ("-1e-400", 0), ("1e-400", 0), ("1e-99999999999999999999", 0),
            ("0e99999999999999999999", 0),
            ("2.4703282292062327e-324", 0), ("2.4703282292062328e-324", .leastNonzeroMagnitude),
            ("5e-324", .leastNonzeroMagnitude),
            ("1.7976931348623157e308", .greatestFiniteMagnitude),
            ("1.797693134862315807e308", .greatestFiniteMagnitude),
            ("9007199254740993", 9_007_199_254_740_992),

            ("9007199254740993.0000000000000000000000000001", 9_007_199_254_740_994),
        ] as [(String, Double)])
    func `a spelling is the nearest number, and zero has no sign`(_ spelling: String, _ value: Double) throws {
        let number = try #require(read(spelling))
        #expect(number == value)
        #expect(number != 0 || number.sign == .plus)
    }

    @Test(arguments: [
        "1e400", "-1e400", "1e309", "1.7976931348623159e308", "1.797693134862315808e308", "1e99999999999999999999",
        "1" + String(repeating: "0", count: 400), "-0.1e310",
    ])
    func `a number that would be infinite is none`(_ spelling: String) {
        #expect(read(spelling) == nil)
    }

    @Test func `a long spelling is read to its last digit`() {
        let zeros = String(repeating: "0", count: 400)
        #expect(read("1\(zeros)e-400") == 1)
        #expect(read("0.\(zeros)1e401") == 1)
        // Half way between two numbers, where the even one is nearest until a last digit says otherwise.
        #expect(read("9007199254740993." + zeros) == 9_007_199_254_740_992)
        #expect(read("9007199254740993." + zeros + "1") == 9_007_199_254_740_994)
        #expect(read("0.1" + zeros + "1") == 0.1)
    }

    /// The C library's conversion rounds correctly, whatever the length.
    @Test func `random spellings are read as the C library reads them`() {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<20_000 {
            let digits = (0..<Int.random(in: 1...40, using: &random)).map { _ in
                String(Int.random(in: 0...9, using: &random))
            }
            let spelling =
                "\(Int.random(in: -9...9, using: &random)).\(digits.joined())"
                + "e\(Int.random(in: -330...310, using: &random))"
            let value = strtod(spelling, nil)
            #expect(read(spelling) == (value.isInfinite ? nil : value), "\(spelling)")
        }
    }

    @Test func `every number reads back from its text, which is JSON`() throws {
        var random = SeededGenerator(seed: 2)
        var count = 0
        while count < 20_000 {
            let bits = UInt64.random(in: .min ... .max, using: &random)
            // Half of them of everyday magnitudes, where the text has no exponent.
            let value = count % 2 == 0 ? Double(bitPattern: bits) : Double(Int64(bitPattern: bits) >> 11) / 1_000_000
            guard value.isFinite else { continue }
            let text = value.description
            #expect(read(text) == value)
            #expect(try JSONValue(json: text) == .number(text))
            count += 1
        }
    }
}
