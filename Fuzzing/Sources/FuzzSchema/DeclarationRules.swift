import FuzzSupport
import MartletModel

@testable import HTTPTransport

/// A resource that can be declared works: it has a default row, is documented, and judges what is left of the input as a record.
enum DeclarationRules {
    static func check(_ bytes: UnsafeRawBufferPointer) {
        var reader = ByteReader(bytes)
        guard let schema = reader.resource() else { return }
        _ = ResourceSchema.mistakes(among: [schema] + Schemas.all)
        checkDefaults(schema)
        checkDocument(schema)
        reader.rest.withUnsafeBytes { text in
            RowRules.check(text, schema, try? JSONValue(json: text))
        }
    }

    static func checkDocument(_ schema: ResourceSchema) {
        for field in schema.fields {
            let description = OpenAPIField(field).schema
            let again = JSONText { $0.write(description) }.read { try? JSONValue(json: $0) }
            Fuzzer.expect(again == description, "the description of \(field.name) is JSON: \(description)")
        }
    }

    /// What a new record has where nothing was said is what its fields take.
    static func checkDefaults(_ schema: ResourceSchema) {
        var rows = RowBatch(width: schema.width)
        rows.appendAbsentRow()
        for (column, field) in schema.fields.enumerated() where field.key == nil {
            field.fill(&rows, column, at: .epoch)
            let cell = rows[0, column]
            let isOfType = cell.tag == field.type.tag || cell.isNull
            Fuzzer.expect(isOfType, "\(field.name) has a default of its type: \(rows)")
            if let value = field.defaultValue, value != .null { Fuzzer.expect(!cell.isNull, "\(value) is no null") }
        }
        let isJSON = JSONText { $0.write(request: 0, of: rows, schema) }.read { (try? JSONValue(json: $0)) != nil }
        Fuzzer.expect(isJSON, "what a new record has is JSON: \(rows)")
    }
}
