import FuzzSupport
import Glibc
import MartletKernel
import MartletModel

@testable import DeclaredResources
@testable import MartletServer

/// What reads a whole file that an author wrote. Each takes any text: it declares something, or is refused.
enum FileReaders {
    static var all: [(String) -> Void] { [readResource] }

    private static let folder = ResourceFolder(path: temporaryFolder())
    private static let name = "fuzzed.yaml"

    /// A resource's file, as the plugin `resources.declared` reads it.
    private static func readResource(_ text: String) {
        write(text)
        let files = ResourceFiles(in: folder, ResourceFolder.Contents(declarations: [name]), beside: Schemas.all)
        do throws(ConfigurationError) {
            for schema in try files.resources() {
                DeclarationRules.checkDefaults(schema)
                DeclarationRules.checkDocument(schema)
                for record in ["{}", "[{}]", #"{"id":1,"name":"x"}"#] { check(record, schema) }
                Fuzzer.expect(!SwiftModel(schema).source.isEmpty, "\(schema.name) can be said in Swift")
            }
        } catch {
            Fuzzer.expect(!error.issues.isEmpty, "what is refused has its issues")
            for issue in error.issues { Fuzzer.expect(!issue.message.isEmpty, "\(issue) says what is wrong") }
        }
    }

    private static func check(_ record: String, _ schema: ResourceSchema) {
        Array(record.utf8).withUnsafeBytes { text in
            RowRules.check(text, schema, try? JSONValue(json: text))
        }
    }

    private static func write(_ text: String) {
        let file = open(folder.file(name), O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        let bytes = Array(text.utf8)
        let count = Glibc.write(file, bytes, bytes.count)
        close(file)
        Fuzzer.expect(count == bytes.count, "the file can be written")
    }

    /// `scripts/fuzz` sets TMPDIR, and removes it.
    private static func temporaryFolder() -> String {
        getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    }
}
