import FoundationEssentials
import Glibc

/// Where a configuration is read from. What comes first wins: ``set``, ``environment``, ``file``, defaults.
public struct ConfigurationSources: Sendable {
    /// The YAML file's path. Nil: there is none.
    public var file: String?
    /// What `--set` was given: `key=value`.
    public var set: [String]
    public var environment: [String: String]

    /// Sources of this process that hold nothing, unless given.
    public init(file: String? = nil, set: [String] = [], environment: [String: String] = [:]) {
        self.file = file
        self.set = set
        self.environment = environment
    }

    /// The environment of this process.
    public static var processEnvironment: [String: String] {
        ProcessInfo.processInfo.environment
    }

    /// The environment variables that set a setting, the one that wins first.
    /// - Parameter key: its whole key, such as `storage.sqlite.path`.
    public static func environmentVariables(for setting: any SettingDescription, at key: String) -> [String] {
        let names = [KnownKeys.environmentName(of: key)] + (setting.environmentAlias.map { [$0] } ?? [])
        return setting.isSecret ? names.flatMap { [$0, "\($0)_FILE"] } : names
    }

    /// A file in the folder of ``standardFile`` that can only be meant as that one, and isn't read because of its name.
    public static var misnamedStandardFile: String? {
        ["config/martlet.yml", "config/martlet.YAML", "config/martlet.yaml.txt"].first { access($0, F_OK) == 0 }
    }

    /// A file in the working directory that may be meant for `--config`, or for another use.
    public static var likelyFile: String? {
        ["martlet.yaml", "martlet.yml"].first { access($0, F_OK) == 0 }
    }

    /// The file that is used when none is named, `config/martlet.yaml`, if it is there.
    public static var standardFile: String? {
        let path = "config/martlet.yaml"
        // One that is there and can't be read is no reason to go on without it.
        let isMissing = access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR)
        return isMissing ? nil : path
    }
}
