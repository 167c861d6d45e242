import MartletKernel

/// Keeps records on a ``Shelf``.
public struct ShelfStorage: Plugin {
    public static let id: PluginID = "storage.shelf"
    public static let summary = "Keeps records in memory, and forgets them at the end."
    public static var provides: [any CapabilityDescription] { [Capability.storage] }

    public static let capacity = Setting(
        "capacity", default: 100_000, in: 1...10_000_000, "How many records there is room for.")
    public static var settings: [any SettingDescription] { [capacity] }

    private let shelf: Shelf

    public init(from context: inout PluginContext) throws {
        shelf = Shelf(capacity: try context[Self.capacity])
        try context.provide(.storage, shelf)
    }

    public func stop() async {
        await shelf.close()
    }
}
