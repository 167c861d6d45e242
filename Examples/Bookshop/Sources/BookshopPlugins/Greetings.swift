import BookshopModel
import MartletKernel
import MartletModel

/// Says hello in the customer's language, which a header field of the request says.
public struct Greetings: Plugin {
    public static let id: PluginID = "routes.greetings"
    public static let summary = "Says hello in the customer's language."
    public static var contributes: [any CapabilityDescription] { [Capability.routes] }

    private struct Nothing: Model {
        static let schema = Schema(message: "nothing", build: { Nothing() })
    }

    public init(from context: inout PluginContext) throws {
        let endpoint = Endpoint<Nothing, Greeting>(.get, "/greeting", "Says hello")
        try context.contribute(
            .routes,
            Route(endpoint) { _, request in
                let isGerman = request.headerFields["Accept-Language"]?.lowercased().hasPrefix("de") == true
                return isGerman
                    ? Greeting(language: "de", text: "Guten Tag") : Greeting(language: "en", text: "Good morning")
            })
    }
}
