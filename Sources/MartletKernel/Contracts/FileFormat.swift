/// The format of files that a plugin reads: `martlet schema` prints it, and editors check files by it while one writes.
public struct FileFormat: Sendable {
    /// What such a file declares.
    public let name: String
    /// JSON Schema, draft 2020-12.
    public let jsonSchema: [UInt8]

    public init(name: String, jsonSchema: [UInt8]) {
        self.name = name
        self.jsonSchema = jsonSchema
    }
}
