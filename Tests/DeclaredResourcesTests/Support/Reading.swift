import Foundation
import MartletKernel
import MartletModel
import MartletTesting

@testable import DeclaredResources

/// The resources that files declare, or every mistake in them, a line each and without their folder.
func read(
    _ files: [String: String], beside others: [ResourceSchema] = []
) throws -> Result<[ResourceSchema], Mistakes> {
    let temporary = try TemporaryFolder()
    for (name, text) in files { try temporary.write(text, to: name) }
    let folder = ResourceFolder(path: temporary.path)
    do {
        return .success(try ResourceFiles(in: folder, folder.contents(), beside: others).resources())
    } catch let error as ConfigurationError {
        return .failure(
            Mistakes(lines: error.issues.map { "\($0)".replacingOccurrences(of: temporary.path + "/", with: "") }))
    }
}

/// What is wrong with files.
func mistakes(_ files: [String: String], beside others: [ResourceSchema] = []) throws -> [String] {
    switch try read(files, beside: others) {
    case .success: []
    case .failure(let mistakes): mistakes.lines
    }
}

/// What is wrong with one file, without its name.
func mistakes(_ yaml: String, beside others: [ResourceSchema] = []) throws -> [String] {
    try mistakes(["notes.yaml": yaml], beside: others).map {
        $0.replacingOccurrences(of: "notes.yaml:", with: "")
    }
}

/// The resources that files declare.
func resources(_ files: [String: String], beside others: [ResourceSchema] = []) throws -> [ResourceSchema] {
    try read(files, beside: others).get()
}

/// The field `field` of a resource that has it beside its key.
func field(_ declaration: String, beside others: [ResourceSchema] = []) throws -> FieldSchema {
    let yaml = "fields:\n  id: { type: integer, key: generated }\n  field: \(declaration)\n"
    return try resources(["notes.yaml": yaml], beside: others)[0].fields[1]
}

struct Mistakes: Error {
    let lines: [String]
}
