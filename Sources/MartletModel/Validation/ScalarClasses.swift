/// Scalars that a program doesn't tell apart.
struct ScalarClasses: Sendable {
    /// Of all instructions that take a scalar, those that take the same ones share a number.
    private(set) var symbols: [Int32]
    /// For each symbol, the classes whose scalars it takes.
    private(set) var classes: [[Int]]
    private(set) var count = 0
    /// The class of each ASCII character.
    private var ascii: [Int] = []
    /// Ascending, where another class begins, and which.
    private var bounds: [UInt32] = []
    private var classOfBound: [Int] = []

    init(_ program: PatternProgram) {
        var (symbolOfScalar, anySymbol, next): ([UInt32: Int32], Int32?, Int32) = ([:], nil, 0)
        var symbolOfSet = [Int32](repeating: -1, count: program.sets.count)
        var starts: Set<UInt32> = [0]
        func new() -> Int32 { defer { next += 1 }; return next }
        symbols = program.instructions.map { instruction in
            switch instruction {
            case .scalar(let value):
                starts.formUnion([value, value + 1])
                if symbolOfScalar[value] == nil { symbolOfScalar[value] = new() }
                return symbolOfScalar[value] ?? 0
            case .any:
                starts.formUnion([0x0A, 0x0B, 0x0D, 0x0E, 0x2028, 0x202A])
                if anySymbol == nil { anySymbol = new() }
                return anySymbol ?? 0
            case .set(let index):
                for range in program.sets[Int(index)].ranges {
                    starts.formUnion([range.lowerBound, range.upperBound + 1])
                }
                symbolOfSet[Int(index)] = new()
                return symbolOfSet[Int(index)]
            case .start, .end, .jump, .split, .found: return -1
            }
        }
        classes = Array(repeating: [], count: Int(next))
        bounds = starts.sorted()
        var known: [[Int32]: Int] = [:]
        for value in bounds {
            var taken = program.sets.indices.filter { program.sets[$0].contains(value) }.map { symbolOfSet[$0] }
            if let symbol = symbolOfScalar[value] { taken.append(symbol) }
            if let anySymbol, PatternProgram.isAny(value) { taken.append(anySymbol) }
            if known[taken] == nil {
                known[taken] = count
                for symbol in taken { classes[Int(symbol)].append(count) }
                count += 1
            }
            classOfBound.append(known[taken] ?? 0)
        }
        ascii = (0..<128).map(search)
    }

    /// The class of a scalar.
    subscript(_ value: UInt32) -> Int {
        value < 128 ? ascii[Int(value)] : search(value)
    }

    private func search(_ value: UInt32) -> Int {
        var (low, high) = (0, bounds.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if bounds[middle] <= value { low = middle } else { high = middle }
        }
        return classOfBound[low]
    }
}
