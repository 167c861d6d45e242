import Testing

/// The rules look at source text: these tests show that what they look with sees what it should.
@Suite struct ScannerTests {
    @Test(arguments: [
        ("let a = 1 // try!", "let a = 1        "),
        ("a /* { /* } */ try! */ b", "a                      b"),
        (#"let s = "}\"{" + t"#, #"let s =        + t"#),
        (##"f(#"a"}"#) {"##, "f(       ) {"),
        (#"f("\(g("}", h { $0 }))}") {"#, "f(                      ) {"),
        ("\"\"\"\n  \"}\" }\n  \"\"\" }", "   \n       \n      }"),
        ("\"\\\\\" }", "     }"),
    ])
    func `comments and literals are blanked, code is not`(_ text: String, _ expected: String) {
        #expect(blanked(text) == expected)
    }

    @Test func `imports are read with their attributes, access and kind`() {
        let file = SourceFile(
            path: "Sources/X/y.swift",
            text:
                "import A\npublic import B\n@testable import C\n@_spi(X) public import struct D.E\n// import F\nlet s = \"import G\"\n"
        )
        #expect(file.imports == ["A", "B", "C", "D"])
    }

    @Test(arguments: [
        ("Sources/MartletModel/Rows/Cell.swift", "MartletModel"), ("Plugins/Users/Model/User.swift", "UsersModel"),
        ("Plugins/Users/Plugin/UsersResource.swift", "UsersResource"), ("Tests/TidyTests/x.swift", "TidyTests"),
        ("Plugins/SQLiteStorage/Reading/Reader.swift", "SQLiteStorage"),
    ])
    func `a file's target is told by its folder`(_ path: String, _ target: String) {
        #expect(SourceFile(path: path, text: "").target == target)
    }

    @Test func `functions are measured from brace to brace`() {
        let text = """
            protocol P {
                func none() throws
                init(_ a: Int)
            }
            struct S {
                func one() { f("}") }
                init(
                    _ body: () -> Void = { print() }
                ) throws(E) {
                    if a {
                    }
                }
                func long<T>(_ t: T)
                where T: P
                {
                    func inner() {
                    }
                }
            }
            """
        let file = SourceFile(path: "Sources/X/y.swift", text: text)
        #expect(file.functions.map { [$0.line, $0.length] } == [[5, 1], [6, 4], [12, 4], [15, 2]])
    }

    @Test func `a comment belongs to the line that it is on or above, over attributes`() {
        let file = SourceFile(
            path: "Sources/X/y.swift",
            text: "// why\n@A\n@unchecked Sendable\n\nnonisolated(unsafe)\nnonisolated(unsafe) // why\n")
        #expect([2, 4, 5].map(file.hasComment) == [true, false, true])
    }

    @Test func `what is forced is found, what only looks like it is not`() {
        let bad = ["let a = try! f()", "b as! C", "fatalError()", "a.b!.c", "f()!", "a[1]!", "var a: T!", "g<T>!"]
        let good = ["a != b", "!a", "if !(b) {}", "try f() // try!", "let s = \"a!\"", "a ? !b : c", "f(!c)"]
        let file = SourceFile(path: "Sources/X/y.swift", text: (bad + good).joined(separator: "\n"))
        let found = file.places(of: StyleTests.forcedError) + file.places(of: StyleTests.forcedUnwrapping)
        #expect(Set(found) == Set(bad.indices.map { "Sources/X/y.swift:\($0 + 1): \(bad[$0])" }))
    }
}
