import MartletKernel
import MartletModel

/// The files of a folder, read together: each may refer to each, in any order.
struct ResourceFiles {
    private let files: [String]
    private let others: [ResourceSchema]
    private let declarations: [ResourceDeclaration]
    /// What was wrong while they were read.
    private let issues: Issues

    /// - Parameter others: resources that are declared elsewhere.
    init(in folder: ResourceFolder, _ contents: ResourceFolder.Contents, beside others: [ResourceSchema]) {
        self.others = others
        let names = contents.declarations + contents.misnamed + contents.subfolders.map(\.name)
        files = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map(folder.file)
        var issues = Issues()
        // A file that is skipped without a word leaves its author without a clue.
        for name in contents.misnamed {
            let stem = name.prefix { $0 != "." }
            let space = name.contains(where: \.isWhitespace) ? ", as its name has a space" : ""
            let reason = "is not read\(space): name it \(stem).yaml, or begin its name with a dot to put it aside"
            issues.add(ConfigurationIssue(.wholeFile(folder.file(name)), reason))
        }
        for (name, file) in contents.subfolders {
            let reason = "is not read, as subfolders aren't: move \(file) into \(folder.path)"
            issues.add(ConfigurationIssue(.wholeFile(folder.file(name)), reason))
        }
        declarations = contents.declarations.map { name in
            ResourceDeclaration(folder.file(name), name: String(name.dropLast(".yaml".count)), &issues)
        }
        self.issues = issues
    }

    /// - Throws: every mistake in every file.
    func resources() throws(ConfigurationError) -> [ResourceSchema] {
        var issues = issues
        checkNames(&issues)
        let targets = keyTypes
        var resources: [ResourceSchema] = []
        for declaration in declarations {
            var builder = ResourceBuilder(declaration, targets)
            if let resource = builder.schema(&issues) { resources.append(resource) }
        }
        if issues.list.isEmpty { checkTogether(resources, &issues) }
        guard issues.list.isEmpty else { throw ConfigurationError(issues: issues.sorted(files)) }
        return resources
    }

    /// The type of each resource's key; nil where it can't be told. The first of two resources of a name counts.
    private var keyTypes: [String: ValueType?] {
        let known = others.map { ($0.name, Optional($0.key.type)) } + declarations.map { ($0.name, $0.keyType) }
        return Dictionary(known) { first, _ in first }
    }

    private func checkNames(_ issues: inout Issues) {
        let advice = "another plugin serves it; take that out of resources.use, or name this one otherwise"
        var owners = Dictionary(others.map { ($0.name, advice) }) { first, _ in first }
        var tables = Dictionary(others.map { ($0.table, $0.name) }) { first, _ in first }
        for declaration in declarations {
            do throws(SchemaError) {
                try ResourceSchema.check(name: declaration.name)
            } catch {
                issues.add(declaration.issue(.name, error.description))
                continue
            }
            if let owner = owners[declaration.name] {
                issues.add(declaration.issue(.name, "the name \(declaration.name) is taken: \(owner)"))
                continue
            }
            owners[declaration.name] = "it is that of \(declaration.file)"
            if let first = tables.updateValue(declaration.name, forKey: declaration.table ?? declaration.name) {
                issues.add(declaration.issue(.table, "\(declaration.name) and \(first) can't have the same table"))
            }
        }
    }

    /// What only schemas can tell of each other. All that is known of references was told before, with better words.
    private func checkTogether(_ resources: [ResourceSchema], _ issues: inout Issues) {
        let byName = Dictionary(declarations.map { ($0.name, $0) }) { first, _ in first }
        for mistake in ResourceSchema.mistakes(among: others + resources, checking: resources) {
            guard let declaration = byName[mistake.resource] else { continue }
            if let field = declaration.fields.first(where: { $0.name.text == mistake.field }) {
                issues.add(field.place(of: .references), mistake.description)
            } else {
                issues.add(declaration.issue(.table, mistake.description))
            }
        }
    }
}
