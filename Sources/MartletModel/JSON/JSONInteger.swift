/// What a JSON number is as an `Int64`.
enum JSONInteger: Equatable {
    case value(Int64)
    /// It has a fraction.
    case notIntegral
    /// It is integral, but beyond `Int64`.
    case outOfRange

    /// - Parameter spelling: a valid JSON number; `1.0`, `1e2` and `-0` are integral.
    init(_ spelling: UnsafeRawBufferPointer) {
        var significant: UInt64 = 0
        // Zeros that count only if another digit follows: `100` and `1.00` are the same digits at another scale.
        var (zeros, scale, overflows) = (0, 0, false)
        var (isNegative, isFraction) = (false, false)
        var index = 0
        loop: while index < spelling.count {
            switch spelling[index] {
            case UInt8(ascii: "-"): isNegative = true
            case UInt8(ascii: "."): isFraction = true
            case UInt8(ascii: "0"):
                if isFraction { scale -= 1 }
                if significant != 0 || overflows { zeros += 1 }
            case UInt8(ascii: "1")...UInt8(ascii: "9"):
                if isFraction { scale -= 1 }
                overflows = overflows || !Self.append(&significant, zeros: zeros, spelling[index] - UInt8(ascii: "0"))
                zeros = 0
            default: break loop
            }
            index += 1
        }
        if index < spelling.count {
            scale += Self.exponent(spelling[(index + 1)...])
        }
        self.init(significant, scale: scale + zeros, isNegative: isNegative, overflows: overflows)
    }

    private init(_ significant: UInt64, scale: Int, isNegative: Bool, overflows: Bool) {
        guard significant != 0 || overflows else { self = .value(0); return }
        guard scale >= 0 else { self = .notIntegral; return }
        // 10 to the 19th is beyond Int64, whatever stands before it.
        guard !overflows, scale < 19 else { self = .outOfRange; return }
        var magnitude = significant
        for _ in 0..<scale {
            let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
            guard !overflow else { self = .outOfRange; return }
            magnitude = product
        }
        let limit = UInt64(Int64.max) + (isNegative ? 1 : 0)
        guard magnitude <= limit else { self = .outOfRange; return }
        self = .value(Int64(truncatingIfNeeded: isNegative ? 0 &- magnitude : magnitude))
    }

    /// Appends zeros and a digit to a decimal number; false when that no longer fits.
    private static func append(_ number: inout UInt64, zeros: Int, _ digit: UInt8) -> Bool {
        guard number == 0 || zeros < 20 else { return false }
        var result = number
        for _ in 0...(number == 0 ? 0 : zeros) {
            let (product, overflow) = result.multipliedReportingOverflow(by: 10)
            guard !overflow else { return false }
            result = product
        }
        let (sum, overflow) = result.addingReportingOverflow(UInt64(digit))
        number = sum
        return !overflow
    }

    /// The exponent, or one that is as good when its digits go on for ever: no body has that many zeros.
    private static func exponent(_ spelling: Slice<UnsafeRawBufferPointer>) -> Int {
        var exponent = 0
        for byte in spelling where isDigit(byte) && exponent < 1 << 40 {
            exponent = exponent * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return spelling.first == UInt8(ascii: "-") ? -exponent : exponent
    }
}
