import MartletModel

/// What the shop says to a customer who comes in.
public struct Greeting: Model, Equatable {
    public var language: String
    public var text: String

    public static let schema = Schema(
        message: "greeting", Field("language", \.language), Field("text", \.text), build: Greeting.init)

    public init(language: String, text: String) {
        (self.language, self.text) = (language, text)
    }
}
