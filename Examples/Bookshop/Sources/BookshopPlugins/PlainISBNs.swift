import BookshopModel
import MartletKernel

/// Takes the hyphens out of ISBNs: the same book is the same, however its number is printed.
public struct PlainISBNs: Plugin, Hook {
    public static let id: PluginID = "hooks.isbn"
    public static let summary = "Keeps ISBNs without hyphens."
    public static var contributes: [any CapabilityDescription] { [Capability.hooks] }

    public let resource = Book.schema.resource.name

    public init(from context: inout PluginContext) throws {
        try context.contribute(.hooks, self)
    }

    public func beforeWrite(_ write: inout ProposedWrite) {
        write[\Book.isbn]?.removeAll { $0 == "-" }
    }
}
