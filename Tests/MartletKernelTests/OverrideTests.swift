import MartletModel
import Testing

@testable import MartletKernel

@Suite struct OverrideTests {
    private let journal = Journal()

    @Test func `a plugin that has nothing left to give isn't loaded`() async throws {
        let overrides = Overrides().providing(.storage, FakeStorage(journal: journal))
        let kernel = try Kernel(fakePlugins, journal: journal, overrides: overrides)
        try await kernel.run {}
        #expect(!journal.entries.contains { $0.hasSuffix("storage.fake") })
        // It is prepared, as any, but closing is for whoever made it.
        #expect(journal.entries.contains("prepare notes"))
        #expect(!journal.entries.contains("close"))
    }

    @Test func `the clock and the random source can be replaced, one by one`() throws {
        let overrides = Overrides().providing(.clock, WallClock { 42 })
        let kernel = try Kernel(fakePlugins, overrides: overrides)
        #expect(kernel.value(of: .clock)?.now() == 42)
        #expect(kernel.value(of: .random) != nil)
    }

    @Test func `contributions are replaced as a whole`() throws {
        let books = try ResourceSchema("books", [FieldSchema("id", .integer, [.key(.generated)])])
        let kernel = try Kernel(
            fakePlugins, journal: journal, overrides: Overrides().collecting(.resources, [books]))
        #expect(kernel.value(of: .application)?.resources.keys.sorted() == ["books"])
        #expect(!journal.entries.contains("init resources.notes"))
    }

    @Test func `without a resource there is nothing to serve`() {
        let error = #expect(throws: KernelError.self) { try Kernel(fakePlugins, set: ["resources.use="]) }
        #expect(error?.kind == .configuration)
    }

    @Test func `no plugin for a section is refused with the name of who lacks it`() {
        let error = #expect(throws: KernelError.self) { try Kernel([FakeTransportPlugin.self, NotesPlugin.self]) }
        #expect(error?.message == "kernel.application requires storage, which no plugin in use provides")
        #expect(error?.kind == .configuration)
    }

    @Test func `two resources of one name are refused with both plugins`() {
        struct AlsoNotes: ScriptedPlugin {
            static let id: PluginID = "resources.alsonotes"
            static var contributes: [any CapabilityDescription] { [Capability.resources] }
            let life: ScriptedLife
            init(from context: inout PluginContext) throws {
                life = try ScriptedLife(context)
                try context.contribute(
                    .resources, try ResourceSchema("notes", [FieldSchema("id", .integer, [.key(.generated)])]))
            }
        }
        let error = #expect(throws: KernelError.self) { try Kernel(fakePlugins + [AlsoNotes.self]) }
        #expect(error?.message == "resources.notes and resources.alsonotes both serve a resource called notes")
    }
}
