import Testing

/// House style, as far as a machine can tell. The linter's part is in `.swift-format`.
@Suite struct StyleTests {
    static var forcedError: Regex<Substring> { /\b(?:try!|as!|fatalError\s*\()/ }
    static var forcedUnwrapping: Regex<Substring> { /[\w)\]>]!(?!=)/ }
    static var belief: Regex<Substring> { /@unchecked Sendable|nonisolated\(unsafe\)/ }

    @Test func `files have at most 500 lines, unless they say why`() throws {
        for file in try SourceTree.swiftFiles() where file.length > 500 {
            let saysWhy = file.lines.contains { $0.contains("// long file because ") }
            #expect(saysWhy, "\(file.path) has \(file.length) lines and no `// long file because …`")
        }
    }

    @Test func `functions have at most 40 lines, unless they say why`() throws {
        for file in try SourceTree.swiftFiles() {
            for function in file.functions where function.length > 40 {
                let lines = file.lines[max(0, function.line - 3)...(function.line + 3)]
                let saysWhy = lines.contains { $0.contains("// long because ") }
                #expect(saysWhy, "\(file.place(function.line)): \(function.length) lines and no `// long because …`")
            }
        }
    }

    @Test func `no error is forced away`() throws {
        for file in try SourceTree.swiftFiles(in: "Sources", "Plugins") {
            // A schema in source code that can't be one ends the process.
            let allowed = file.path == "Sources/MartletModel/Schema/SchemaError.swift" ? 1 : 0
            #expect(file.places(of: Self.forcedError).count == allowed)
        }
    }

    @Test func `nothing is force-unwrapped`() throws {
        for file in try SourceTree.swiftFiles(in: "Sources", "Plugins") {
            #expect(file.places(of: Self.forcedUnwrapping).isEmpty)
        }
    }

    @Test func `what the compiler is told to believe has a comment that says why`() throws {
        for file in try SourceTree.swiftFiles(in: "Sources", "Plugins") {
            for line in file.code.indices where file.code[line].contains(Self.belief) {
                #expect(file.hasComment(at: line), "\(file.place(line))")
            }
        }
    }

    /// The compiler is told to believe something where it can't know it, and nowhere else.
    @Test func `the compiler is told to believe something in 12 places at most`() throws {
        let count = try SourceTree.swiftFiles(in: "Sources", "Plugins").reduce(0) { count, file in
            count + file.code.count { $0.contains(Self.belief) }
        }
        #expect(count <= 12)
    }

    @Test func `every public symbol of MartletTesting is documented`() throws {
        for file in try SourceTree.swiftFiles(in: "Sources/MartletTesting") {
            for line in file.code.indices where file.code[line].contains(/^\s*public (?!import)/) {
                let isConformance = file.code[line].contains(/\bfunc (?:prepare|rows|commit|replay|health|close)\b/)
                #expect(isConformance || file.hasComment(at: line), "\(file.place(line))")
            }
        }
    }
}
