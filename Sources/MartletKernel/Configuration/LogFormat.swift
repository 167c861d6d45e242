public import Logging

/// How the log is written.
public enum LogFormat: String, CaseIterable, SettingValue {
    /// ``text`` on a terminal, ``json`` elsewhere.
    case auto
    case text
    case json
}

extension Logger.Level: SettingValue {}
