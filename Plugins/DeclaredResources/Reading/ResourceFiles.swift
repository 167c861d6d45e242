import MartletKernel
import MartletModel

/// The files of a folder, read together: each may refer to each, in any order.
struct ResourceFiles {
    private let files: [String]
    private let others: [ResourceSchema]
    private let declarations: [ResourceDeclaration]
    private var issues = Issues()

    /// - Parameter others: resources that are declared elsewhere.
    init(in folder: ResourceFolder, _ names: [String], beside others: [ResourceSchema]) {
        self.others = others
        files = names.map(folder.file)
        var declarations: [ResourceDeclaration] = []
        for name in names {
            let file = folder.file(name)
            let stem = String(name.prefix(upTo: name.lastIndex(of: ".") ?? name.endIndex))
            if name.hasSuffix(".yml") {
                // To pass it over would be a riddle to whoever wrote it.
                let reason = "is not read: a resource's file is called \(stem).yaml"
                issues.add(ConfigurationIssue(.wholeFile(file), reason))
            } else {
                declarations.append(ResourceDeclaration(file, name: stem, &issues))
            }
        }
        self.declarations = declarations
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
        var owners = Dictionary(others.map { ($0.name, "another plugin's") }) { first, _ in first }
        var tables = Dictionary(others.map { ($0.table, $0.name) }) { first, _ in first }
        for declaration in declarations {
            do throws(SchemaError) {
                try ResourceSchema.check(name: declaration.name)
            } catch {
                issues.add(declaration.issue(.name, error.description))
                continue
            }
            if let owner = owners[declaration.name] {
                issues.add(declaration.issue(.name, "the name \(declaration.name) is taken: it is \(owner)"))
                continue
            }
            owners[declaration.name] = "that of \(declaration.file)"
            if let first = tables.updateValue(declaration.name, forKey: declaration.table ?? declaration.name) {
                issues.add(declaration.issue(.table, "\(declaration.name) and \(first) can't have the same table"))
            }
        }
    }

    /// What only schemas can tell of each other. All that is known of references was told before, with better words.
    private func checkTogether(_ resources: [ResourceSchema], _ issues: inout Issues) {
        for mistake in ResourceSchema.mistakes(among: others + resources, checking: resources) {
            guard let declaration = declarations.first(where: { $0.name == mistake.resource }) else { continue }
            if let field = declaration.fields.first(where: { $0.name.text == mistake.field }) {
                issues.add(field.place(of: .references), mistake.description)
            } else {
                issues.add(declaration.issue(.fields, mistake.description))
            }
        }
    }
}
