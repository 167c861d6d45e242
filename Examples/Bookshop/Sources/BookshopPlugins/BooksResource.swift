import BookshopModel
import MartletKernel

/// Serves books at `/books`.
public struct BooksResource: Plugin {
    public static let id: PluginID = "resources.books"
    public static let summary = "The books on sale."
    public static var contributes: [any CapabilityDescription] { [Capability.resources] }

    public init(from context: inout PluginContext) throws {
        try context.contribute(.resources, Book.schema.resource)
    }
}
