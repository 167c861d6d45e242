/// Something went otherwise than a ``Scenario`` says.
public struct ScenarioFailure: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
