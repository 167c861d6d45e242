/// One value that a plugin reads from the configuration. Declare each once, as a static property, list it in
/// ``Plugin/settings``, and read it with ``PluginContext/subscript(_:)``:
///
/// ```swift
/// static let port = Setting("port", default: 8000, in: 0...65535, "TCP port; 0 takes a free one.")
/// ```
public struct Setting<Value: SettingValue>: SettingDescription {
    /// camelCase, without the plugin's id.
    public let name: String
    /// What holds when nobody sets it; nil makes it required.
    public let `default`: Value?
    /// One line.
    public let help: String
    /// Never printed.
    public let isSecret: Bool
    /// Another environment variable that sets it, for platforms that have a custom: `PORT`.
    public let environmentAlias: String?
    let validate: @Sendable (Value) throws(SettingError) -> Void
    let validateForStart: @Sendable (Value) throws(SettingError) -> Void

    /// - Parameters:
    ///   - validate: refuses what can be no value, on whatever machine.
    ///   - validateForStart: refuses what a server can't start with on this machine: a path of a folder that it may not write to, say.
    ///     Commands that only print something don't ask it.
    public init(
        _ name: String, default: Value? = nil, isSecret: Bool = false, environmentAlias: String? = nil, _ help: String,
        validate: @escaping @Sendable (Value) throws(SettingError) -> Void = { _ in },
        validateForStart: @escaping @Sendable (Value) throws(SettingError) -> Void = { _ in }
    ) {
        self.name = name
        self.default = `default`
        self.help = help
        self.isSecret = isSecret
        self.environmentAlias = environmentAlias
        self.validate = validate
        self.validateForStart = validateForStart
    }

    public var typeName: String { Value.typeName }
    public var isList: Bool { Value.isList }
    public var defaultText: String? { `default`?.text }

    public func check(_ text: String, forStart: Bool = true) throws(SettingError) {
        let value = try value(text)
        if forStart { try validateForStart(value) }
    }

    func value(_ text: String) throws(SettingError) -> Value {
        guard let value = Value(text: text) else {
            // No number of any setting has 19 digits: Int64 ends there.
            let isHuge = text.utf8.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }.count >= 19
            throw SettingError(isHuge ? "is too large a number" : "must be \(Value.typeName)")
        }
        try validate(value)
        return value
    }
}

extension Setting where Value: Comparable {
    /// A setting with bounds.
    public init(
        _ name: String, default: Value? = nil, in range: ClosedRange<Value>, environmentAlias: String? = nil,
        _ help: String
    ) {
        self.init(name, default: `default`, environmentAlias: environmentAlias, help) { value throws(SettingError) in
            guard range.contains(value) else {
                throw SettingError("must be \(range.lowerBound.text) to \(range.upperBound.text)")
            }
        }
    }
}

/// A ``Setting`` of any type.
public protocol SettingDescription: Sendable {
    var name: String { get }
    /// "an integer", "a duration such as 10s", …
    var typeName: String { get }
    /// Whether YAML may have it as a list of its parts.
    var isList: Bool { get }
    /// The default as it would be written; nil when the setting is required.
    var defaultText: String? { get }
    var help: String { get }
    var isSecret: Bool { get }
    var environmentAlias: String? { get }

    /// Whether a text, as the configuration has it, is a valid value.
    /// - Parameter forStart: also whether a server could start with it on this machine.
    func check(_ text: String, forStart: Bool) throws(SettingError)
}

/// Why a value can't be taken. The kernel says where it stands.
public struct SettingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Completes "`storage.sqlite.path` …". Never holds the value of a secret.
    public let description: String
    /// The name of the setting, if it is known.
    public let setting: String?
    /// Of a secret too it may be told: it repeats nothing of the value.
    public let isFreeOfValue: Bool

    /// - Parameter isFreeOfValue: false unless every word of the description would be the same for another value with this mistake.
    ///   Messages about a secret show only those that are.
    public init(_ description: String, setting: String? = nil, isFreeOfValue: Bool = false) {
        self.description = description
        self.setting = setting
        self.isFreeOfValue = isFreeOfValue
    }
}
