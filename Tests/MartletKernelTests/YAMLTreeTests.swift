import Foundation
import Testing

@testable import MartletKernel

/// What is refused, and where, is also tested with the configuration file.
@Suite struct YAMLTreeTests {
    private func tree(_ yaml: String) throws -> YAMLTree {
        try withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("a.yaml")
            try Data(yaml.utf8).write(to: file)
            return try YAMLTree(file.path)
        }
    }

    /// A node in one line, with the places of scalars.
    private func text(_ node: YAMLNode) -> String {
        switch node.content {
        case .scalar(let text, let isPlain):
            "\(isPlain ? text : "'\(text)'")@\(node.origin.position.line):\(node.origin.position.column)"
        case .sequence(let elements): "[\(elements.map(text).joined(separator: ", "))]"
        case .mapping(let entries):
            "{\(entries.map { "\(text($0.key)): \(text($0.value))" }.joined(separator: ", "))}"
        case .refused(let reason): "refused: \(reason)"
        }
    }

    @Test func `a tree has every node in order, as text, with its place`() throws {
        let root = try #require(try tree("b: [no, \"1\"]\n\na:\n  {x: , 2: 'y'}\n").root)
        #expect(text(root) == "{b@1:1: [no@1:5, '1'@1:9], a@3:1: {x@4:4: @4:7, 2@4:9: 'y'@4:12}}")
    }

    @Test(arguments: ["", "\n# words\n", "---\n"])
    func `a file that holds nothing has no root, or a null one`(yaml: String) throws {
        #expect(try tree(yaml).root?.isNull != false)
    }

    @Test func `null is what YAML 1.2 says, without quotes`() throws {
        let root = try #require(try tree("[~, null, Null, NULL, '', 'null', nil, no, []]").root)
        guard case .sequence(let elements) = root.content else { return #expect(Bool(false)) }
        #expect(elements.map(\.isNull) == [true, true, true, true, false, false, false, false, false])
    }

    @Test func `what is refused is a node, and its reason wins over what was asked for`() throws {
        let root = try #require(try tree("a: &x [1]\nb: *x\n? !t [c]\n: d\ne: [!!int 1, 2]\n").root)
        let anchors = "anchors and aliases (& and *) are not supported"
        let tags = "tags (!) are not supported: leave them out"
        #expect(
            text(root) == """
                {a@1:1: refused: \(anchors), b@2:1: refused: \(anchors), refused: \(tags): d@4:3, \
                e@5:1: [refused: \(tags), 2@5:14]}
                """)
        guard case .mapping(let entries) = root.content else { return #expect(Bool(false)) }
        #expect(entries[0].value.issue("must be a text").message == anchors)
        #expect(entries[3].value.issue("must be a text").message == "must be a text")
    }

    @Test(arguments: [
        ("a: [", ":2:1: while parsing a flow node, did not find expected node content"),
        ("a: 1\na: 2", ":1:1: the same key more than once in one mapping: \"a\""),
        (String(repeating: "#", count: 300_000), ": is larger than 256KiB"),
    ])
    func `a file that is no tree says why and where`(yaml: String, message: String) {
        let issue = #expect(throws: ConfigurationIssue.self) { try tree(yaml) }
        #expect(issue?.description.hasSuffix("/a.yaml\(message)") == true)
    }

    @Test func `a file that isn't there is named`() {
        let issue = #expect(throws: ConfigurationIssue.self) { try YAMLTree("/nowhere/a.yaml") }
        #expect(issue?.description == "/nowhere/a.yaml: can't be read: No such file or directory")
    }

    @Test(arguments: [("[", "]"), ("{a: ", "}")])
    func `the deepest tree that a parser makes does no harm`(opening: String, closing: String) {
        for depth in [100, 500, 999, 1000, 1001, 5000] {
            let yaml = String(repeating: opening, count: depth) + String(repeating: closing, count: depth)
            _ = try? tree(yaml)
        }
    }
}
