/// Puts a configuration together from its sources, collecting every mistake.
struct ConfigurationResolver {
    /// Which source a value comes from; the smallest wins.
    private enum Rank: Int {
        case commandLine, environment, alias, file
    }

    private struct Candidate {
        let rank: Rank
        let texts: [(text: String, origin: ConfigurationOrigin)]
    }

    private(set) var issues: [ConfigurationIssue] = []
    private(set) var warnings: [String] = []
    /// The settings whose value isn't right.
    private(set) var refused: Set<String> = []
    /// Whether the plugins in use are those that were meant, as far as can be told.
    private(set) var knowsPlugins = true
    let catalog: PluginCatalog
    private let keys: KnownKeys
    private let isForStart: Bool
    private var candidates: [String: Candidate] = [:]

    init(_ catalog: PluginCatalog, _ sources: ConfigurationSources, isForStart: Bool) {
        self.catalog = catalog
        self.isForStart = isForStart
        keys = KnownKeys(catalog)
        readFile(sources.file)
        readCommandLine(sources.set)
        readEnvironment(sources.environment)
        readAliases(sources.environment)
        checkRequired()
    }

    /// What is configured, by path, with the place where it stands.
    var values: [String: ConfiguredValue] {
        candidates.compactMapValues { candidate in
            candidate.texts.first.map { ConfiguredValue(text: $0.text, origin: $0.origin) }
        }
    }

    /// The plugins in use: section by section as they are listed, within one as `use` names them.
    var plugins: [any Plugin.Type] {
        catalog.sections.flatMap { section in
            let names = candidates["\(section).use"]?.texts.map(\.text) ?? catalog.defaults(in: section)
            return names.compactMap { name in
                catalog.plugins.first { $0.id.section == section && $0.id.name == name }
            }
        }
    }

    private mutating func readFile(_ file: String?) {
        guard let file else { return }
        let found = ConfigurationFile(file, keys)
        issues += found.issues
        knowsPlugins = found.isReadable
        for (path, value, origin) in found.entries {
            switch value {
            case .text(let text): take(text, for: path, from: origin, .file)
            case .list(let texts): take(texts, for: path, from: origin)
            }
        }
        issues.sort { $0.origin.position < $1.origin.position }
    }

    private mutating func readCommandLine(_ assignments: [String]) {
        var seen: Set<String> = []
        for assignment in assignments {
            // What stands there may be a secret: only what is known to be a key is repeated.
            guard let equals = assignment.firstIndex(of: "="), equals != assignment.startIndex else {
                issues.append(ConfigurationIssue(.commandLine, "takes key=value, such as log.level=debug"))
                continue
            }
            let path = String(assignment[..<equals])
            guard keys.kinds[path] != nil else {
                issues.append(ConfigurationIssue(.commandLine, keys.unknown(path)))
                continue
            }
            guard seen.insert(path).inserted else {
                issues.append(ConfigurationIssue(.commandLine, "\(path) is set twice"))
                continue
            }
            take(String(assignment[assignment.index(after: equals)...]), for: path, from: .commandLine, .commandLine)
        }
    }

    private mutating func readEnvironment(_ environment: [String: String]) {
        var known: Set<String> = []
        for path in keys.kinds.keys.sorted() {
            let name = KnownKeys.environmentName(of: path)
            known.formUnion(readVariable(name, for: path, in: environment, .environment))
        }
        for name in environment.keys.sorted() where name.hasPrefix(KnownKeys.environmentPrefix) {
            guard !known.contains(name) else { continue }
            let nearest = nearestName(to: name, among: known.sorted())
            warnings.append("unknown environment variable \(name)\(nearest.map { ": did you mean \($0)?" } ?? "")")
        }
    }

    /// Aliases are other programs' names too, so only those of plugins in use are read.
    private mutating func readAliases(_ environment: [String: String]) {
        for plugin in plugins {
            for setting in plugin.settings {
                guard let alias = setting.environmentAlias else { continue }
                _ = readVariable(alias, for: "\(plugin.id).\(setting.name)", in: environment, .alias)
            }
        }
        warnOfUnusedSecrets(environment)
    }

    /// A name such as PORT is other programs' too. One that holds a secret, such as DATABASE_URL, was likely meant for us:
    /// without a word, records would be looked for where there are none.
    private mutating func warnOfUnusedSecrets(_ environment: [String: String]) {
        let inUse = plugins.map { $0.id }
        for plugin in catalog.plugins where !inUse.contains(plugin.id) {
            for setting in plugin.settings where setting.isSecret {
                guard let alias = setting.environmentAlias,
                    let name = [alias, "\(alias)_FILE"].first(where: { environment[$0]?.isEmpty == false })
                else { continue }
                let used = inUse.filter { $0.section == plugin.id.section }.map(\.description).joined(separator: ", ")
                warnings.append(
                    "environment variable \(name) is set and not used, as \(used.isEmpty ? "nothing" : used) is in use: "
                        + "\(plugin.id.section).use: \(plugin.id.name) would use it")
            }
        }
    }

    /// Takes `NAME`, else for a secret the content of the file that `NAME_FILE` names.
    /// - Returns: the names that can be set.
    private mutating func readVariable(
        _ name: String, for path: String, in environment: [String: String], _ rank: Rank
    ) -> [String] {
        if let text = environment[name] {
            take(text, for: path, from: .environment(name), rank)
        }
        guard case .setting(let setting, _) = keys.kinds[path], setting.isSecret else { return [name] }
        let fileName = "\(name)_FILE"
        if environment[name] == nil, let file = environment[fileName] {
            do throws(FileError) {
                var text = try readTextFile(file, limit: 64 << 10)
                if text.last?.isNewline == true { text.removeLast() }
                guard !text.utf8.contains(0) else { throw FileError("has a NUL byte: nothing may be after the secret") }
                take(text, for: path, from: .environment(fileName), rank)
            } catch {
                issues.append(
                    ConfigurationIssue(.environment(fileName), Self.fileMistake(file, error, for: name)))
            }
        }
        return [name, fileName]
    }

    /// What stands in the place of a path may be the secret itself, and is shown only when it begins as paths do.
    private static func fileMistake(_ path: String, _ error: FileError, for name: String) -> String {
        if path.hasPrefix("/") || path.hasPrefix(".") { return "\(path) \(error.description)" }
        return "names a file that \(error.description): write the path of a file with the secret, "
            + "or the secret itself as \(name)"
    }

    private mutating func take(_ text: String, for path: String, from origin: ConfigurationOrigin, _ rank: Rank) {
        switch keys.kinds[path] {
        case .use(let section):
            let names = text.isEmpty ? [] : text.split(separator: ",", omittingEmptySubsequences: false)
            use(names.map { (trim($0), origin) }, in: section, rank)
        case .setting(let setting, _):
            guard setting.defaultText != nil || text.contains(where: { !$0.isWhitespace }) else {
                refuse(path, origin, "is empty, and is required")
                return
            }
            do throws(SettingError) {
                try setting.check(text, forStart: isForStart)
                keep(Candidate(rank: rank, texts: [(text, origin)]), for: path)
            } catch {
                // A plugin's own words on a secret could repeat it.
                let reason = setting.isSecret && !error.isFreeOfValue ? "is not valid" : error.description
                refuse(path, origin, reason)
            }
        case nil: break
        }
    }

    private mutating func take(
        _ texts: [(text: String, origin: ConfigurationOrigin)], for path: String, from origin: ConfigurationOrigin
    ) {
        switch keys.kinds[path] {
        case .use(let section): use(texts, in: section, .file)
        case .setting(let setting, _) where setting.isList:
            take(texts.map(\.text).joined(separator: ","), for: path, from: origin, .file)
        case .setting(let setting, _):
            refuse(path, origin, "must be \(setting.typeName), not a list")
        case nil: break
        }
    }

    private mutating func refuse(_ path: String, _ origin: ConfigurationOrigin, _ reason: String) {
        issues.append(ConfigurationIssue(origin, "\(path) \(reason)"))
        refused.insert(path)
    }

    private mutating func use(
        _ names: [(text: String, origin: ConfigurationOrigin)], in section: String, _ rank: Rank
    ) {
        var seen: Set<String> = []
        let known = catalog.names(in: section)
        let count = issues.count
        defer { if issues.count > count { knowsPlugins = false } }
        for (name, origin) in names {
            if !known.contains(name) {
                let hint =
                    nearestName(to: name, among: known).map { "did you mean \($0)?" }
                    ?? "known: \(known.joined(separator: ", "))"
                issues.append(ConfigurationIssue(origin, "\(section).use: no plugin \(quoted(name)); \(hint)"))
            } else if !seen.insert(name).inserted {
                issues.append(ConfigurationIssue(origin, "\(section).use names \(name) twice"))
            }
        }
        keep(Candidate(rank: rank, texts: names), for: "\(section).use")
    }

    private mutating func keep(_ candidate: Candidate, for path: String) {
        if let other = candidates[path], other.rank.rawValue <= candidate.rank.rawValue { return }
        candidates[path] = candidate
    }

    private mutating func checkRequired() {
        for plugin in plugins {
            for setting in plugin.settings where setting.defaultText == nil {
                let path = "\(plugin.id).\(setting.name)"
                guard candidates[path] == nil, !refused.contains(path) else { continue }
                let names = [setting.environmentAlias, KnownKeys.environmentName(of: path)].compactMap { $0 }
                let list = names.joined(separator: " or ")
                refuse(path, .nowhere, "is required (environment: \(list))")
            }
        }
    }
}

private func trim(_ text: Substring) -> String {
    String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
}
