import Foundation
import Testing

@testable import MartletKernel

/// Every kind of mistake in a file, with its line and column.
@Suite struct ConfigurationFileTests {
    /// What is wrong with a file of this text, without its folder.
    private func mistakes(_ yaml: String) throws -> [String] {
        try mistakes(Data(yaml.utf8))
    }

    private func mistakes(_ content: Data) throws -> [String] {
        try withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("martlet.yaml")
            try content.write(to: file)
            do {
                _ = try Configuration(PluginCatalog(fakePlugins), from: ConfigurationSources(file: file.path))
                return []
            } catch let error as ConfigurationError {
                return error.issues.map { $0.description.replacingOccurrences(of: folder.path + "/", with: "") }
            }
        }
    }

    @Test(
        arguments: [
            ("strage:\n  use: fake", "1:1: unknown key \"strage\": did you mean storage?"),
            ("storage:\n  fake:\n    pth: x", "3:5: unknown key \"storage.fake.pth\": did you mean storage.fake.path?"),
            (
                "storage:\n  fake:\n    busy_timeout: 1s",
                "3:5: unknown key \"storage.fake.busy_timeout\": did you mean storage.fake.busyTimeout?"
            ),
            (
                "storage:\n  fake:\n    colour: red",
                "3:5: unknown key \"storage.fake.colour\": known under storage.fake: busyTimeout, password, path, sync"
            ),
            ("storage:\n  mysql: {}", "2:3: unknown key \"storage.mysql\": known under storage: fake, use"),
            (
                "resources:\n  notes:\n    x: 1",
                "3:5: unknown key \"resources.notes.x\": resources.notes has no settings"
            ),
            ("storage:\n  use: fak", "2:8: storage.use: no plugin \"fak\"; did you mean fake?"),
            ("storage:\n  use: [fake, postgres]", "2:15: storage.use: no plugin \"postgres\"; known: fake"),
            ("storage:\n  use: [fake, fake]", "2:15: storage.use names fake twice"),
            ("storage:\n  use: {fake: 1}", "2:8: storage.use must be a value, not a mapping"),
            ("storage:\n  use: [[fake]]", "2:9: storage.use must hold plain texts"),
            ("storage:\n  use:", "2:7: storage.use has no value: leave the key out for its default"),
            ("transport:\n  fake:\n    port: high", "3:11: transport.fake.port must be an integer"),
            ("transport:\n  fake:\n    port: 70000", "3:11: transport.fake.port must be 0 to 65535"),
            ("transport:\n  fake:\n    port: [1]", "3:11: transport.fake.port must be an integer, not a list"),
            ("transport:\n  fake:\n    port: {a: 1}", "3:11: transport.fake.port must be a value, not a mapping"),
            (
                "transport:\n  fake:\n    port: ~",
                "3:11: transport.fake.port has no value: leave the key out for its default"
            ),
            ("transport:\n  fake: 8000", "2:9: transport.fake must be a mapping of keys to values"),
            ("transport: fake", "1:12: transport must be a mapping of keys to values"),
            ("- a\n- b", "1:1: the file must be a mapping of keys to values"),
            ("hello", "1:1: the file must be a mapping of keys to values"),
            ("storage:\n  fake:\n    sync: no", "3:11: storage.fake.sync must be true or false"),
            (
                "storage:\n  fake:\n    busyTimeout: 10",
                "3:18: storage.fake.busyTimeout must be a duration such as 500ms, 10s or 2m"
            ),
            (
                "log:\n  level: loud",
                "2:10: log.level must be one of trace, debug, info, notice, warning, error, critical"
            ),
            ("shutdown:\n  grace: 2h", "2:10: shutdown.grace must be 0s to 3600s"),
            ("storage:\n  use: fake\n  use: fake", "2:3: the same key more than once in one mapping: \"use\""),
            ("storage:\n\tuse: fake", "2:1: a tab: YAML indents with spaces"),
            ("storage: [fake", "2:1: while parsing a flow sequence, did not find expected ',' or ']'"),
            ("storage:\n  use: \"fake", "2:13: while scanning a quoted scalar, found unexpected end of stream"),
            ("log: {}\n---\nlog: {}", "2:1: expected a single document in the stream, but found another document"),
            ("storage: &s\n  use: fake", "1:10: anchors and aliases (& and *) are not supported"),
            ("storage:\n  <<: {use: fake}", "2:3: merge keys (<<) are not supported: write the keys out"),
            ("storage:\n  use: *x", "2:8: found undefined alias"),
            ("transport:\n  fake:\n    port: !!int 80", "3:11: tags (!) are not supported: leave them out"),
            ("storage:\n  use: !!str fake", "2:8: tags (!) are not supported: leave them out"),
            ("storage: !!map\n  use: fake", "1:10: tags (!) are not supported: leave them out"),
            ("transport:\n  fake:\n    port: 99999999999999999999", "3:11: transport.fake.port is too large a number"),
            ("? [a]\n: 1", "1:3: a key must be a plain name"),
            ("log:\n  level: \"a\u{1}b\"", "2:12: control characters are not allowed"),
        ])
    func `a mistake is told with its place`(yaml: String, message: String) throws {
        #expect(try mistakes(yaml) == ["martlet.yaml:\(message)"])
    }

    @Test func `all mistakes are told at once`() throws {
        let yaml = """
            storage:
              use: fake
              fake: { path: x, syncc: true }
            transport:
              fake:
                port: 8000000
            resource: {}
            """
        let found = try mistakes(yaml)
        #expect(
            found == [
                "martlet.yaml:3:20: unknown key \"storage.fake.syncc\": did you mean storage.fake.sync?",
                "martlet.yaml:6:11: transport.fake.port must be 0 to 65535",
                "martlet.yaml:7:1: unknown key \"resource\": did you mean resources?",
            ])
    }

    @Test func `settings of plugins that aren't in use are checked too`() throws {
        #expect(
            try mistakes("transport: { use: [], fake: { port: x } }")
                == ["martlet.yaml:1:37: transport.fake.port must be an integer"])
    }

    @Test(arguments: [
        "", "# nothing but words\n", "---\n", "storage:\n", "storage: {}\ntransport:\n  fake:\n", "\u{FEFF}log: {}",
        "\u{FEFF}log: {}\nstorage: { use: fake }\n", "\u{FEFF}",
    ])
    func `what holds nothing is no mistake`(yaml: String) throws {
        #expect(try mistakes(yaml) == [])
    }

    @Test func `a file that can't be read is named`() throws {
        #expect(try mistakes(Data([0x6C, 0xFF, 0x6C])) == ["martlet.yaml: is not UTF-8"])
        #expect(try mistakes(Data(repeating: 0x20, count: 300_000)) == ["martlet.yaml: is larger than 256KiB"])
        let missing = ConfigurationSources(file: "/nowhere/martlet.yaml")
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration(PluginCatalog(fakePlugins), from: missing)
        }
        #expect(error?.description == "/nowhere/martlet.yaml: can't be read: No such file or directory")
        let folder = ConfigurationSources(file: "/")
        let refusal = #expect(throws: ConfigurationError.self) {
            try Configuration(PluginCatalog(fakePlugins), from: folder)
        }
        #expect(refusal?.description == "/: is a folder, not a file")
        #expect(try mistakes(Data([0xFF, 0xFE, 0x6C, 0])) == ["martlet.yaml: is UTF-16: save it as UTF-8"])
    }

    @Test func `a named pipe is no file, and nobody waits for what would come out of it`() throws {
        try withTemporaryFolder { folder in
            let pipe = folder.appendingPathComponent("martlet.yaml").path
            #expect(mkfifo(pipe, 0o600) == 0)
            let error = #expect(throws: ConfigurationError.self) {
                try Configuration(PluginCatalog(fakePlugins), from: ConfigurationSources(file: pipe))
            }
            #expect(error?.description == "\(pipe): is a named pipe, not a file")
        }
    }

    /// Each of these would cost hours, memory or the stack if it were taken at its word.
    enum Hostile: String, CaseIterable {
        case deepFlow, deepSequence, deepKey, deepMapping, longKey, manyKeys
        case laughs, laughingKeys, laughingFlowKeys, fewLaughingKeys

        var yaml: String {
            switch self {
            case .deepFlow: String(repeating: "[", count: 200_000)
            case .deepSequence: String(repeating: "- ", count: 100_000)
            case .deepKey: String(repeating: "? ", count: 100_000)
            case .deepMapping: String(repeating: "{a: ", count: 60_000)
            case .longKey: "\"" + String(repeating: "a", count: 900) + "\": 1"
            case .manyKeys: (0..<20_000).map { "k\($0): 1\n" }.joined()
            case .laughs: (1..<60).reduce("a0: &a0 [x]\n") { $0 + "a\($1): &a\($1) [*a\($1 - 1), *a\($1 - 1)]\n" }
            case .laughingKeys:
                (1..<60).reduce("? &a0 [x]\n: 1\n") { $0 + "? &a\($1) [*a\($1 - 1), *a\($1 - 1)]\n: 1\n" }
            case .laughingFlowKeys:
                (1..<60).reduce("{? &a0 [x]: 1") { $0 + ", ? &a\($1) {? *a\($1 - 1): *a\($1 - 1)}: 1" } + "}"
            case .fewLaughingKeys:
                (0..<15).reduce("? &a0 [x]\n: 1\n") { $0 + "? &a\($1 + 1) [*a\($1), *a\($1)]\n: 1\n" }
            }
        }
    }

    @Test(arguments: Hostile.allCases)
    func `a hostile file is refused in few words`(hostile: Hostile) throws {
        let found = try mistakes(hostile.yaml)
        #expect(!found.isEmpty)
        #expect(found.allSatisfy { $0.utf8.count < 400 })
        #expect(found.count <= 50)
    }
}
