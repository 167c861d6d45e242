import Logging
import MartletModel
import Testing

@testable import MartletKernel

/// A plugin that does nothing, to be given declarations.
private protocol Part: Plugin {
    init()
}

extension Part {
    static var summary: String { "A part." }
    init(from context: inout PluginContext) throws { self.init() }
}

private struct GivesWord: Part {
    static let id: PluginID = "part.gives"
    static var provides: [any CapabilityDescription] { [Capability<String>.word] }
}

private struct AlsoGivesWord: Part {
    static let id: PluginID = "part.alsogives"
    static var provides: [any CapabilityDescription] { [Capability<String>.word] }
}

private struct TakesWord: Part {
    static let id: PluginID = "part.takes"
    static var requires: [any CapabilityDescription] { [Capability<String>.word] }
    static var provides: [any CapabilityDescription] { [Capability<String>.otherWord] }
}

private struct TakesOtherWord: Part {
    static let id: PluginID = "part.takesother"
    static var requires: [any CapabilityDescription] { [Capability<String>.otherWord] }
    static var contributes: [any CapabilityDescription] { [Capability<String>.words] }
}

private struct AddsWord: Part {
    static let id: PluginID = "part.adds"
    static var contributes: [any CapabilityDescription] { [Capability<String>.words] }
}

private struct CollectsWords: Part {
    static let id: PluginID = "part.collects"
    static var collects: [any CapabilityDescription] { [Capability<String>.words] }
}

/// With the ones above: collects words, of which TakesOtherWord gives one, which needs TakesWord, which needs this.
private struct ClosesTheCircle: Part {
    static let id: PluginID = "part.closes"
    static var collects: [any CapabilityDescription] { [Capability<String>.words] }
    static var provides: [any CapabilityDescription] { [Capability<String>.word] }
}

private struct Free: Part {
    static let id: PluginID = "part.free"
}

@Suite struct WiringTests {
    @Test func `the application has the times that are configured`() throws {
        let kernel = try Kernel(fakePlugins, set: ["application.hookTimeout=70ms", "application.routeTimeout=90ms"])
        let application = try #require(kernel.value(of: .application))
        #expect(application.hookTimeout == .milliseconds(70))
        #expect(application.routeTimeout == .milliseconds(90))
    }

    private func order(_ plugins: [any Plugin.Type], given: Set<String> = []) throws -> [String] {
        try PluginOrder.ordered(plugins, given: given, known: plugins + [GivesWord.self]).map { $0.id.name }
    }

    @Test func `who gives comes before who takes`() throws {
        #expect(
            try order([CollectsWords.self, TakesOtherWord.self, TakesWord.self, AddsWord.self, GivesWord.self])
                == ["adds", "gives", "takes", "takesother", "collects"])
    }

    @Test func `plugins without needs keep the order of the list`() throws {
        #expect(try order([Free.self, GivesWord.self, AddsWord.self]) == ["free", "gives", "adds"])
        #expect(try order([AddsWord.self, GivesWord.self, Free.self]) == ["adds", "gives", "free"])
    }

    @Test func `what is given without a plugin needs no order`() throws {
        #expect(try order([TakesWord.self, Free.self], given: ["word"]) == ["takes", "free"])
    }

    @Test func `a missing provider is named with who requires it and who would provide it`() {
        #expect(throws: WiringError.notProvided("part.takes", "word", providers: ["part.gives"])) {
            try order([TakesWord.self])
        }
        #expect(
            WiringError.notProvided("part.takes", "word", providers: ["part.gives"]).description
                == "part.takes requires word, which no plugin in use provides; part.gives would")
    }

    @Test func `a doubled provider is refused with both names`() {
        #expect(throws: WiringError.providedTwice("word", "part.gives", "part.alsogives")) {
            try order([GivesWord.self, AlsoGivesWord.self])
        }
    }

    @Test func `a cycle is shown whole and alone`() throws {
        let error = try #require(throws: WiringError.self) {
            try order([Free.self, TakesWord.self, TakesOtherWord.self, ClosesTheCircle.self, CollectsWords.self])
        }
        #expect(
            error.description == """
                plugins need each other in a circle: part.takes requires word of part.closes, \
                part.closes collects words of part.takesother, part.takesother requires otherWord of part.takes
                """)
    }

    @Test func `two plugins of one id are refused`() {
        #expect(throws: WiringError.duplicatePlugin("part.free")) { try PluginCatalog([Free.self, Free.self]) }
    }

    @Test func `a plugin can't take the kernel's section`() {
        struct Log: Part { static let id: PluginID = "log.file" }
        #expect(throws: WiringError.reservedSection("log.file")) { try PluginCatalog([Log.self]) }
    }

    @Test func `a setting can't have a name that is taken`() {
        struct Twice: Part {
            static let id: PluginID = "part.twice"
            static let a = Setting("size", default: 1, "One.")
            static let b = Setting("size", default: 2, "Two.")
            static var settings: [any SettingDescription] { [a, b] }
        }
        struct Use: Part { static let id: PluginID = "part.use" }
        #expect(throws: WiringError.duplicateSetting("part.twice", "size")) { try PluginCatalog([Twice.self]) }
        #expect(throws: WiringError.duplicateSetting("part.use", "use")) { try PluginCatalog([Use.self]) }
    }
}
