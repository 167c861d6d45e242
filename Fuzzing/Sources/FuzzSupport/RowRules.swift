@testable public import MartletModel

/// What holds for every body, whatever is in it.
public enum RowRules {
    /// Judges `text` as every kind of write to a resource.
    /// - Parameter tree: the same text as a tree; nil when it is no JSON.
    public static func check(_ text: UnsafeRawBufferPointer, _ schema: ResourceSchema, _ tree: JSONValue?) {
        for kind in kinds(schema) {
            do throws(Problem) {
                let row = try ValidatedRow(json: text, schema, for: kind)
                Fuzzer.expect(tree != nil, "what is no JSON is refused as \(kind) of \(schema.name)")
                check(row, schema, kind)
                if let tree { check(row, schema, against: tree) }
            } catch {
                check(error, tree)
            }
        }
        checkSeveral(text, schema, tree)
    }

    private static func kinds(_ schema: ResourceSchema) -> [WriteKind] {
        let key: Key =
            switch schema.key.type {
            case .integer: .integer(1)
            case .uuid: Key("00000000-0000-0000-0000-000000000001", for: schema) ?? .integer(1)
            default: .string("k")
            }
        return [.create, .patch, .replace(key, isCreating: false), .replace(key, isCreating: true)]
    }

    /// A refusal says whether the text is JSON, and can be written as JSON itself.
    private static func check(_ problem: Problem, _ tree: JSONValue?) {
        let isMalformed = problem.code == .malformedJSON
        // A field nests less deep than a text of JSON alone.
        let isRefused = tree.map { depth(of: $0) > JSONScanner.maxFieldDepth + 1 } ?? true
        Fuzzer.expect(isMalformed ? isRefused : tree != nil, "\(problem.detail) JSON itself is read: \(tree != nil)")
        guard !isMalformed else { return }
        Fuzzer.expect(!problem.errors.isEmpty, "a refusal has its errors")
        let isJSON = JSONText { $0.write(problem) }.read { (try? JSONValue(json: $0)) != nil }
        Fuzzer.expect(isJSON, "a problem is JSON: \(problem)")
    }

    private static func depth(of value: JSONValue) -> Int {
        switch value {
        case .array(let elements): 1 + (elements.map(depth).max() ?? 0)
        case .object(let members): 1 + (members.map { depth(of: $0.value) }.max() ?? 0)
        default: 0
        }
    }

    /// What is accepted can be written, and is accepted again as the same.
    private static func check(_ row: ValidatedRow, _ schema: ResourceSchema, _ kind: WriteKind) {
        JSONText { $0.write(request: 0, of: row.cells, schema) }.read { text in
            do throws(Problem) {
                let again = try ValidatedRow(json: text, schema, for: kind)
                Fuzzer.expect(again.cells == row.cells, "\(row.cells) comes back as \(again.cells)")
            } catch {
                Fuzzer.expect(false, "\(row.cells), written, is refused as \(kind): \(error)")
            }
        }
        JSONText { $0.write(row: 0, of: row.cells, schema) }.read { text in
            do throws(JSONError) {
                let read = try schema.readRecords(json: text)
                Fuzzer.expect(read == shown(row.cells, schema), "a client reads \(row.cells) as \(read)")
            } catch {
                Fuzzer.expect(false, "a client can't read \(row.cells): \(error)")
            }
        }
        checkEncoding(of: row.cells)
    }

    /// The row without what clients only write.
    private static func shown(_ cells: RowBatch, _ schema: ResourceSchema) -> RowBatch {
        var cells = cells
        for (column, field) in schema.fields.enumerated() where field.isWriteOnly {
            cells.set(row: 0, column: column, to: .absent)
        }
        return cells
    }

    private static func checkEncoding(of cells: RowBatch) {
        var bytes: [UInt8] = []
        cells.append(to: &bytes)
        var rest = bytes[...]
        Fuzzer.expect(RowBatch(takenFrom: &rest) == cells && rest.isEmpty, "\(cells) is kept as it is")
    }

    /// The row has what the tree has: another way to the same values.
    private static func check(_ row: ValidatedRow, _ schema: ResourceSchema, against tree: JSONValue) {
        for member in tree.members ?? [] {
            guard let column = schema.indexByName[member.name], !schema.fields[column].isReadOnly else { continue }
            let cell = row.cells[0, column]
            switch member.value {
            case .null: Fuzzer.expect(cell.isNull, "\(member) is null")
            case .bool(let value) where schema.fields[column].type == .boolean:
                Fuzzer.expect(cell.boolean == value, "\(member) is \(value)")
            case .number(let spelling):
                guard let integer = cell.integer else { continue }
                Fuzzer.expect(Double(spelling) == Double(integer), "\(spelling) is not \(integer)")
            case .string(let text) where cell.tag == .string:
                let isSame = row.cells.withBytes(of: cell) { $0.elementsEqual(text.utf8) }
                Fuzzer.expect(isSame, "\(member) is kept byte by byte")
            default: break
            }
        }
    }

    private static func checkSeveral(_ text: UnsafeRawBufferPointer, _ schema: ResourceSchema, _ tree: JSONValue?) {
        do throws(Problem) {
            let records = try NewRecords(json: text, schema)
            Fuzzer.expect(tree != nil, "what is no JSON is refused as new records")
            guard records.isArray else { return }
            let text = JSONText { writer in
                writer.write(literal: "[")
                for (index, row) in records.rows.enumerated() {
                    if index > 0 { writer.write(literal: ",") }
                    writer.write(request: 0, of: row.cells, schema)
                }
                writer.write(literal: "]")
            }
            let again = text.read { try? NewRecords(json: $0, schema) }
            Fuzzer.expect(again?.rows == records.rows, "\(records.rows.count) records come back")
        } catch {
            check(error, tree)
        }
    }
}
