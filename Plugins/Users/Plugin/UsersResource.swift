public import MartletKernel
import MartletModel
import UsersModel

/// Serves ``User`` at `/users`.
public struct UsersResource: Plugin {
    public static let id: PluginID = "resources.users"
    public static let summary = "People with an account: id, name and a unique e-mail address."
    public static var contributes: [any CapabilityDescription] { [Capability.resources] }

    public init(from context: inout PluginContext) throws {
        try context.contribute(.resources, User.schema.resource)
    }
}
