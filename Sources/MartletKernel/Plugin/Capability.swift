/// What one plugin can give another: a typed key of the container. A plugin's author adds one as a static property:
///
/// ```swift
/// extension Capability where Value == any Storage {
///     public static var storage: Self { Self("storage") }
/// }
/// ```
public struct Capability<Value: Sendable>: CapabilityDescription {
    public let name: String

    public init(_ name: String) {
        self.name = name
    }
}

/// A ``Capability`` of any type.
public protocol CapabilityDescription: Sendable {
    /// Unique among all capabilities.
    var name: String { get }
}
