import MartletModel
import Testing

@testable import MartletKernel

/// Everything a plugin does that it doesn't declare stops the start, with its name.
@Suite struct PluginContextTests {
    /// Does what a test wants it to, in its initialiser.
    private struct Probe: Plugin {
        static let id: PluginID = "probe.one"
        static let summary = "A probe."
        static let size = Setting("size", default: 3, in: 1...9, "Its size.")
        static let unlisted = Setting("unlisted", default: 1, "Not in the list.")
        static var settings: [any SettingDescription] { [size] }
        static var provides: [any CapabilityDescription] { [Capability<String>.word] }
        static var requires: [any CapabilityDescription] { [Capability<Action>.action] }

        typealias Action = @Sendable (inout PluginContext) throws -> Void

        init(from context: inout PluginContext) throws {
            try context.require(.action)(&context)
        }
    }

    private func make(
        set: [String] = [], _ action: @escaping Probe.Action
    ) -> (kernel: Kernel?, error: KernelError?) {
        let overrides = Overrides().providing(.action, action).providing(.application, nothing)
        do {
            return (try Kernel([Probe.self], set: set, overrides: overrides), nil)
        } catch {
            return (nil, error as? KernelError)
        }
    }

    private var nothing: Application {
        Application(resources: [], storage: FakeStorage(journal: Journal()))
    }

    @Test func `what a plugin provides is there for all`() {
        let (kernel, error) = make { try $0.provide(.word, "hello") }
        #expect(error == nil)
        #expect(kernel?.value(of: Capability<String>.word) == "hello")
    }

    enum Misuse: String, CaseIterable {
        case requires, collects, provides, contributes

        func commit(_ context: inout PluginContext) throws {
            switch self {
            case .requires: _ = try context.require(Capability<String>.undeclared)
            case .collects: _ = try context.collect(Capability<String>.undeclared)
            case .provides: try context.provide(.undeclared, "x")
            case .contributes: try context.contribute(.undeclared, "x")
            }
        }
    }

    @Test(arguments: Misuse.allCases)
    func `an undeclared use is named`(misuse: Misuse) {
        let error = make { try misuse.commit(&$0) }.error
        let use = misuse.rawValue
        #expect(error?.message == "probe.one does not declare that it \(use) undeclared: list it in `\(use)`")
        #expect(error?.kind == .bug)
    }

    @Test func `what was declared as provided has to be`() {
        let error = make { _ in }.error
        #expect(error?.message == "probe.one declares that it provides word, but did not")
        #expect(error?.kind == .bug)
    }

    @Test func `one plugin can't provide twice`() {
        let error = make { context in
            try context.provide(.word, "a")
            try context.provide(.word, "b")
        }.error
        #expect(error?.message == "probe.one provides word twice")
    }

    @Test func `a capability of another type under the same name is refused`() {
        struct Liar: Plugin {
            static let id: PluginID = "probe.liar"
            static let summary = "Takes a word for a number."
            static var requires: [any CapabilityDescription] { [Capability<Int>("word")] }
            init(from context: inout PluginContext) throws { _ = try context.require(Capability<Int>("word")) }
        }
        let overrides = Overrides().providing(.word, "text").providing(.application, nothing)
        let error = #expect(throws: KernelError.self) { try Kernel([Liar.self], overrides: overrides) }
        #expect(error?.message == "probe.liar takes word as Int, but it was given as another type")
    }

    @Test func `a setting is its default until it is set`() throws {
        let seen = Journal()
        let read: Probe.Action = { context in
            seen.write("\(try context[Probe.size])")
            try context.provide(.word, "")
        }
        #expect(make(read).error == nil)
        #expect(make(set: ["probe.one.size=7"], read).error == nil)
        #expect(seen.entries == ["3", "7"])
    }

    @Test func `a setting that isn't listed can't be read`() {
        let error = make { _ = try $0[Probe.unlisted] }.error
        #expect(error?.description == "configuration: probe.one.unlisted is not listed in the plugin's settings")
    }

    @Test func `a setting that a plugin refuses is shown with its place`() {
        let refuse: Probe.Action = { _ in throw SettingError("must be odd", setting: "size") }
        #expect(make(set: ["probe.one.size=4"], refuse).error?.description == "--set: probe.one.size must be odd")
        #expect(make(set: ["probe.one.size=4"], refuse).error?.kind == .configuration)
    }

    @Test func `a plugin that isn't valid is named`() {
        let error = make { _ in throw ScriptedFailure(description: "no") }.error
        #expect(error?.description == "probe.one is not valid: no")
        #expect(error?.kind == .configuration)
    }

    @Test func `what a plugin finds wrong in a file of its own is shown by its places alone`() {
        let issues = [2, 7].map { ConfigurationIssue(.file("a.yaml", line: $0, column: 3), "no \($0)") }
        let error = make { _ in throw ConfigurationError(issues: issues) }.error
        #expect(error?.description == "a.yaml:2:3: no 2\na.yaml:7:3: no 7")
        #expect(error?.kind == .configuration)
        #expect(error?.stage == .initialisation)
        #expect(make { _ in throw issues[1] }.error?.description == "a.yaml:7:3: no 7")
    }
}

extension Capability where Value == String {
    fileprivate static var undeclared: Self { Self("undeclared") }
}

extension Capability where Value == @Sendable (inout PluginContext) throws -> Void {
    fileprivate static var action: Self { Self("action") }
}
