import Foundation
import Logging
import Testing

@testable import MartletKernel

/// Which source wins, and what is said of what is wrong outside the file.
@Suite struct ConfigurationTests {
    private func configuration(
        yaml: String? = nil, set: [String] = [], environment: [String: String] = [:]
    ) throws -> Configuration {
        try withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("martlet.yaml")
            if let yaml { try Data(yaml.utf8).write(to: file) }
            return try Configuration(
                PluginCatalog(fakePlugins),
                from: ConfigurationSources(
                    file: yaml == nil ? nil : file.path, set: set, environment: environment))
        }
    }

    private func port(_ configuration: Configuration) -> String? {
        configuration.settings(of: FakeTransportPlugin.self)["port"]
    }

    private func mistakes(set: [String] = [], environment: [String: String] = [:]) -> [String] {
        do {
            _ = try configuration(set: set, environment: environment)
            return []
        } catch {
            return (error as? ConfigurationError)?.issues.map(\.description) ?? ["\(error)"]
        }
    }

    @Test func `set wins over the environment, that over its alias, that over the file`() throws {
        let yaml = "transport: { fake: { port: 1 } }"
        var environment = ["PORT": "2"]
        #expect(try port(configuration()) == nil)
        #expect(try port(configuration(yaml: yaml)) == "1")
        #expect(try port(configuration(yaml: yaml, environment: environment)) == "2")
        environment["MARTLET_TRANSPORT_FAKE_PORT"] = "3"
        #expect(try port(configuration(yaml: yaml, environment: environment)) == "3")
        #expect(try port(configuration(yaml: yaml, set: ["transport.fake.port=4"], environment: environment)) == "4")
    }

    @Test func `a value that is overruled is checked all the same`() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try configuration(yaml: "transport: { fake: { port: x } }", set: ["transport.fake.port=4"])
        }
        #expect(error?.issues.count == 1)
    }

    @Test func `camelCase keys are upper snake case in the environment`() throws {
        let found = try configuration(environment: ["MARTLET_STORAGE_FAKE_BUSY_TIMEOUT": "3s"])
        #expect(found.settings(of: FakeStoragePlugin.self) == ["busyTimeout": "3s"])
        #expect(found.warnings.isEmpty)
    }

    @Test func `plugins are chosen by every source`() throws {
        func used(_ configuration: Configuration) -> [String] { configuration.plugins.map { $0.id.description } }
        #expect(try used(configuration()) == ["transport.fake", "storage.fake", "resources.notes"])
        #expect(try used(configuration(yaml: "transport: { use: [] }")) == ["storage.fake", "resources.notes"])
        #expect(try used(configuration(set: ["resources.use="])) == ["transport.fake", "storage.fake"])
        #expect(
            try used(configuration(set: ["resources.use="], environment: ["MARTLET_RESOURCES_USE": "notes"]))
                == ["transport.fake", "storage.fake"])
        #expect(
            mistakes(set: ["resources.use=notes, books"])
                == ["--set: resources.use: no plugin \"books\"; known: notes"])
    }

    @Test func `of two that provide the same the first listed is the default`() throws {
        struct OtherStorage: ScriptedPlugin {
            static let id: PluginID = "storage.other"
            static var provides: [any CapabilityDescription] { [Capability.storage] }
            let life: ScriptedLife
            init(from context: inout PluginContext) throws { life = try ScriptedLife(context) }
        }
        let catalog = try PluginCatalog([OtherStorage.self] + fakePlugins)
        #expect(catalog.defaults(in: "storage") == ["other"])
        #expect(catalog.defaults(in: "resources") == ["notes"])
    }

    @Test(arguments: [
        ("transport.fake.prot=1", "unknown key \"transport.fake.prot\": did you mean transport.fake.port?"),
        ("qqqqqqqqqqqqqqqqqqqqqq=1", "unknown key \"qqqqqqqqqqqqqqqqqqqqqq\""),
        ("transport.fake=1", "transport.fake holds settings, and has no value itself"),
        ("transport.fake.port=x", "transport.fake.port must be an integer"),
        ("nothing", "takes key=value, such as log.level=debug"),
        ("=1", "takes key=value, such as log.level=debug"),
    ])
    func `a mistake in --set is told`(assignment: String, message: String) {
        #expect(mistakes(set: [assignment]) == ["--set: \(message)"])
    }

    @Test func `a key can't be set twice`() {
        #expect(
            mistakes(set: ["transport.fake.port=1", "transport.fake.port=2"])
                == ["--set: transport.fake.port is set twice"])
    }

    @Test func `a value may hold the sign that ends its key`() throws {
        let found = try configuration(set: ["storage.fake.path=a=b"])
        #expect(found.settings(of: FakeStoragePlugin.self) == ["path": "a=b"])
    }

    @Test func `an unknown variable warns and no more`() throws {
        let found = try configuration(environment: ["MARTLET_STORAGE_FAKE_PTH": "x", "MARTLET_X": "1", "HOME": "/"])
        #expect(
            found.warnings == [
                "unknown environment variable MARTLET_STORAGE_FAKE_PTH: did you mean MARTLET_STORAGE_FAKE_PATH?",
                "unknown environment variable MARTLET_X",
            ])
    }

    @Test func `a wrong value in the environment is told with the variable's name`() {
        #expect(
            mistakes(environment: ["MARTLET_TRANSPORT_FAKE_PORT": "x"])
                == ["environment variable MARTLET_TRANSPORT_FAKE_PORT: transport.fake.port must be an integer"])
        #expect(
            mistakes(environment: ["PORT": "x"])
                == ["environment variable PORT: transport.fake.port must be an integer"])
    }

    @Test func `an alias of a plugin that isn't in use is someone else's variable`() throws {
        #expect(try port(configuration(yaml: "transport: { use: [] }", environment: ["PORT": "x"])) == nil)
    }

    @Test func `a secret for a plugin that isn't in use is warned of`() throws {
        let other = try configuration(
            yaml: "storage: { use: [] }", environment: ["FAKE_PASSWORD": "x", "PORT": "1"])
        #expect(
            other.warnings == [
                "environment variable FAKE_PASSWORD is set and not used, as nothing is in use: storage.use: fake would use it"
            ])
        #expect(try configuration(yaml: "", environment: ["FAKE_PASSWORD": "x"]).warnings == [])
        #expect(try configuration(yaml: "storage: { use: [] }", environment: ["FAKE_PASSWORD": ""]).warnings == [])
    }

    @Test func `a required setting that is missing is told, once, and only of plugins in use`() throws {
        struct Needy: Plugin {
            static let id: PluginID = "extra.needy"
            static let summary = "Needs a key."
            static let key = Setting<String>("apiKey", "A key.")
            static var settings: [any SettingDescription] { [key] }
            init(from context: inout PluginContext) throws {}
        }
        let catalog = try PluginCatalog(fakePlugins + [Needy.self])
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration(catalog, from: ConfigurationSources())
        }
        #expect(
            error?.description
                == "configuration: extra.needy.apiKey is required (environment: MARTLET_EXTRA_NEEDY_API_KEY)")
        for empty in ["", " \t"] {
            let error = #expect(throws: ConfigurationError.self) {
                try Configuration(
                    catalog, from: ConfigurationSources(environment: ["MARTLET_EXTRA_NEEDY_API_KEY": empty]))
            }
            #expect(
                error?.description
                    == "environment variable MARTLET_EXTRA_NEEDY_API_KEY: extra.needy.apiKey is empty, and is required")
        }
        _ = try Configuration(catalog, from: ConfigurationSources(set: ["extra.use="]))
        _ = try Configuration(catalog, from: ConfigurationSources(set: ["extra.needy.apiKey=x"]))
    }

    @Test func `a secret can stand in a file of its own`() throws {
        try withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("password")
            try Data("geheim\n".utf8).write(to: file)
            for name in ["MARTLET_STORAGE_FAKE_PASSWORD_FILE", "FAKE_PASSWORD_FILE"] {
                let found = try configuration(environment: [name: file.path])
                #expect(found.settings(of: FakeStoragePlugin.self) == ["password": "geheim"])
                #expect(found.warnings.isEmpty)
            }
            let both = try configuration(environment: [
                "MARTLET_STORAGE_FAKE_PASSWORD": "direct", "MARTLET_STORAGE_FAKE_PASSWORD_FILE": file.path,
            ])
            #expect(both.settings(of: FakeStoragePlugin.self) == ["password": "direct"])
        }
        #expect(
            mistakes(environment: ["MARTLET_STORAGE_FAKE_PASSWORD_FILE": "/nowhere/p"]) == [
                "environment variable MARTLET_STORAGE_FAKE_PASSWORD_FILE: "
                    + "/nowhere/p can't be read: No such file or directory"
            ])
    }

    @Test func `a secret in the place of its file's path is not repeated, and a NUL in the file is refused`() throws {
        let name = "MARTLET_STORAGE_FAKE_PASSWORD_FILE"
        for secret in ["hunter2", "postgresql://app:hunter2@db/app", "a/hunter2"] {
            let mistakes = mistakes(environment: [name: secret])
            #expect(
                mistakes.count == 1 && mistakes[0].contains("write the path of a file with the secret"), "\(mistakes)")
            #expect(!mistakes.joined().contains("hunter2"), "\(mistakes)")
        }
        try withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("password")
            try Data("geheim\0more".utf8).write(to: file)
            #expect(
                mistakes(environment: [name: file.path])[0].hasSuffix("has a NUL byte: nothing may be after the secret")
            )
        }
    }

    @Test func `a URL where none belongs is told without its user and password`() throws {
        let url = "postgresql://app:hun@ter2/x@db/app"
        #expect(withoutCredentials("a \"\(url)\" b 'x://c:d@e'") == "a \"postgresql://…@db/app\" b 'x://…@e'")
        #expect(withoutCredentials("http://a/b and c@d") == "http://a/b and c@d")
        #expect(quoted(url) == "\"postgresql://…@db/app\"")
        for yaml in ["storage: { use: '\(url)' }", "storage: { use: fake, fake: { '\(url)': x } }"] {
            let error = #expect(throws: ConfigurationError.self) { try configuration(yaml: yaml) }
            #expect(error?.description.contains("…@db") == true && error?.description.contains("ter2") == false)
        }
    }

    @Test func `only secrets have a variable for a file`() throws {
        let found = try configuration(environment: ["MARTLET_STORAGE_FAKE_PATH_FILE": "/etc/hostname"])
        #expect(found.settings(of: FakeStoragePlugin.self).isEmpty)
        #expect(found.warnings.count == 1)
    }

    @Test func `no message holds a secret`() throws {
        struct Strict: Plugin {
            static let id: PluginID = "extra.strict"
            static let summary = "Repeats what it refuses."
            static let token = Setting<String>("token", isSecret: true, "A token.") { value throws(SettingError) in
                throw SettingError("must not be \(value)")
            }
            static var settings: [any SettingDescription] { [token] }
            init(from context: inout PluginContext) throws {}
        }
        let catalog = try PluginCatalog(fakePlugins + [Strict.self])
        let secret = "hunter2"
        let texts = [
            "extra: { strict: { token: \(secret) } }", "extra: { strict: { token: [\(secret)] } }",
            "extra: { strict: { token: {\(secret): \(secret)} } }", "extra: { strict: { tokn: \(secret) } }",
            "extra: { strict: { token: \"\(secret) } }", "extra:\n\tstrict: { token: \(secret) }",
        ]
        for yaml in texts {
            try withTemporaryFolder { folder in
                let file = folder.appendingPathComponent("martlet.yaml")
                try Data(yaml.utf8).write(to: file)
                let error = #expect(throws: ConfigurationError.self) {
                    try Configuration(catalog, from: ConfigurationSources(file: file.path))
                }
                #expect(error?.description.contains(secret) == false, "\(yaml)")
            }
        }
        for sources in [
            ConfigurationSources(set: ["extra.strict.token=\(secret)"]),
            ConfigurationSources(set: ["extra.strict.tokn=\(secret)"]), ConfigurationSources(set: [secret]),
            ConfigurationSources(environment: ["MARTLET_EXTRA_STRICT_TOKEN": secret]),
        ] {
            let error = #expect(throws: ConfigurationError.self) { try Configuration(catalog, from: sources) }
            #expect(error?.description.contains(secret) == false)
        }
    }

    @Test func `YAML's plain words stay the texts that they are`() throws {
        for text in ["no", "yes", "on", "1_000", "0o17", "2024-01-01", ".inf", "1e3", "True"] {
            let found = try configuration(yaml: "storage: { fake: { path: \(text) } }")
            #expect(found.settings(of: FakeStoragePlugin.self) == ["path": text])
        }
    }

    @Test func `quotes decide nothing`() throws {
        #expect(try port(configuration(yaml: "transport: { fake: { port: \"80\" } }")) == "80")
        let null = try configuration(yaml: "storage: { fake: { path: \"null\" } }")
        #expect(null.settings(of: FakeStoragePlugin.self) == ["path": "null"])
    }

    @Test func `the kernel's own settings are read like any`() throws {
        let defaults = try configuration().kernel
        #expect(defaults.grace == .seconds(8) && defaults.logLevel == .info && defaults.logFormat == .auto)
        let found = try configuration(yaml: "log: { level: debug, format: json }", set: ["shutdown.grace=1s"]).kernel
        #expect(found.grace == .seconds(1) && found.logLevel == .debug && found.logFormat == .json)
    }

    @Test func `the file's folder is known, absolute`() throws {
        let found = try configuration(yaml: "")
        #expect(found.directory?.hasPrefix("/") == true)
        #expect(found.directory.map { $0 + "/martlet.yaml" } == found.file)
        #expect(try configuration().directory == nil)
        #expect(absolutePath("a/b") == FileManager.default.currentDirectoryPath + "/a/b")
        #expect(absolutePath("./a") == FileManager.default.currentDirectoryPath + "/a")
        #expect(absolutePath("/a") == "/a")
    }
}
