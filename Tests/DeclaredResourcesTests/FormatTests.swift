import MartletKernel
import MartletModel
import Testing

@testable import DeclaredResources

/// The format's JSON Schema knows what the reader knows.
@Suite struct FormatTests {
    private let schema: JSONValue

    init() throws {
        schema = try JSONValue(json: String(decoding: FileFormat.resource.jsonSchema, as: UTF8.self))
    }

    @Test func `it has every key, and no other`() throws {
        #expect(schema["$schema"]?.string == "https://json-schema.org/draft/2020-12/schema")
        #expect(schema["properties"]?.members?.map(\.name) == ResourceKey.allCases.map(\.rawValue))
        #expect(schema["additionalProperties"] == false)
        let field = try #require(schema["$defs"]?["field"])
        #expect(field["then"]?["properties"]?.members?.map(\.name) == FieldKey.allCases.map(\.rawValue))
        #expect(field["then"]?["additionalProperties"] == false)
    }

    @Test func `it describes every key`() throws {
        for keys in [schema["properties"], schema["$defs"]?["field"]?["then"]?["properties"]] {
            for key in try #require(keys?.members) {
                #expect(key.value["description"]?.string?.hasSuffix(".") == true, "\(key.name)")
            }
        }
    }

    @Test(arguments: [
        ("type", ValueType.allCases.map(\.rawValue)), ("key", ["generated", "assigned"]),
        ("onDelete", ["restrict", "cascade", "setNull"]), ("managed", ["createdAt", "updatedAt"]),
        ("format", ["email"]),
    ])
    func `it lists a key's values`(_ key: String, _ values: [String]) {
        let property = schema["$defs"]?["field"]?["then"]?["properties"]?[key]
        #expect(property?["enum"]?.array?.compactMap(\.string) == values)
    }
}
