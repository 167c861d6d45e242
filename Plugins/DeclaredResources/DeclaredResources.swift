public import MartletKernel
import MartletModel

/// The plugin that serves resources which are declared in YAML: a file each, without a compiler.
public struct DeclaredResources: Plugin {
    public static let id: PluginID = "resources.declared"
    public static let summary = "Resources that YAML files declare, one a file."
    public static let settings: [any SettingDescription] = [path]
    public static let contributes: [any CapabilityDescription] = [
        Capability.resources, Capability.fileFormats, Capability.watchedPaths, Capability.warnings,
    ]
    /// Those of other plugins: files may refer to them, and can't have their names.
    public static let collects: [any CapabilityDescription] = [Capability.resources]

    static let path = Setting(
        "path", default: "", "The folder of the files; not set: resources beside the configuration file."
    ) { path throws(SettingError) in if !path.isEmpty { try ConfiguredPath.check(path) } }

    /// - Throws: `ConfigurationError` with every mistake in every file.
    public init(from context: inout PluginContext) throws {
        let path = try context[Self.path]
        let beside = "\(context.configurationDirectory ?? "config")/resources"
        let folder = ResourceFolder(path: path.isEmpty ? beside : path)
        try context.contribute(.fileFormats, .resource)
        try context.contribute(.watchedPaths, absolutePath(folder.path))
        let contents: ResourceFolder.Contents
        do throws(FolderError) {
            contents = try folder.contents()
        } catch {
            // Nobody asked for the folder beside the file: without it there are no resources to declare.
            guard !(path.isEmpty && error.isMissing) else { return }
            let place = absolutePath(folder.path)
            throw SettingError("names a folder that \(error.description): \(place)", setting: Self.path.name)
        }
        for name in contents.ignored {
            try context.contribute(.warnings, "\(folder.file(name)) is not read: a resource's file is named *.yaml")
        }
        let files = ResourceFiles(in: folder, contents, beside: try context.collect(.resources))
        for resource in try files.resources() { try context.contribute(.resources, resource) }
    }
}
