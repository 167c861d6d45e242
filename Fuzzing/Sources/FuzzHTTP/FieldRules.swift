import FuzzSupport
import MartletKernel
import MartletTesting

@testable import HTTPTransport
@testable import MartletModel

/// What a header field or a parameter says can be said again, and then means the same.
enum FieldRules {
    static func check(_ value: UnsafeRawBufferPointer) {
        checkTags(value)
        checkKey(value)
        checkKeys(value)
        for resource in resources { checkList(value, of: resource) }
        if let bytes = Base64.decode(value.text, .url) {
            let again = bytes.withUnsafeBytes { Base64.encode($0, .url) }
            Fuzzer.expect(again == value.text, "base64 has one spelling: \(value.text)")
        }
        // These have no other spelling to compare with: only that they come to an end.
        _ = (MediaType(value), Preference.read(value), QueryParameters(value, known: ["expand"]))
        var acceptance = Acceptance()
        acceptance.add(value)
    }

    private static func checkTags(_ value: UnsafeRawBufferPointer) {
        guard let tags = EntityTags(value) else { return }
        guard case .list(let list) = tags else { return }
        // A tag that no record has isn't kept as it was.
        let text = list.map { tag in
            let checksum = String(tag.checksum, radix: 16)
            let opaque = tag.version.map { "\($0)-" + String(repeating: "0", count: 8 - checksum.count) + checksum }
            return (tag.isWeak ? "W/\"" : "\"") + (opaque ?? (tag.hasSuffix ? "0-00000000-x" : "")) + "\""
        }
        let again = read(text.joined(separator: ", ")) { EntityTags($0) }
        Fuzzer.expect(again == tags, "\(value.text) is read as \(tags), and that as \(String(describing: again))")
    }

    private static func checkKey(_ value: UnsafeRawBufferPointer) {
        guard let key = IdempotencyKey.read(value) else { return }
        let quoted = key.reduce("") { $0 + ($1 == "\"" || $1 == "\\" ? "\\" : "") + String($1) }
        Fuzzer.expect(read("\"\(quoted)\"") { IdempotencyKey.read($0) } == key, "\(key) in quotes is the same key")
    }

    private static let application = Application(resources: Schemas.all, storage: MemoryStorage())
    private static let resources = Schemas.all.map { ServedResource($0, basePath: "") }

    /// A list's query, and a cursor of one that is neither filtered nor sorted.
    private static func checkList(_ value: UnsafeRawBufferPointer, of resource: ServedResource) {
        let list = ListQuery(value, of: resource, application, origin: "")
        Fuzzer.expect(list.errors.count < 50, "mistakes are told up to a number: \(list.errors)")
        // A request's target has no other bytes.
        if list.errors.isEmpty, value.allSatisfy({ 0x21...0x7E ~= $0 && $0 != UInt8(ascii: "#") }) { checkLink(list) }
        guard let place = Cursor.decode(value.text, for: ListRequest(resource.schema, limit: 1)) else { return }
        let again = Cursor.encode(place, for: ListRequest(resource.schema, limit: 1))
        Fuzzer.expect(again == value.text, "a cursor has one spelling: \(value.text)")
    }

    /// What a page links to is the same list, behind a place.
    private static func checkLink(_ list: ListQuery) {
        let (schema, order) = (list.resource.schema, list.request.order)
        guard schema.key.type == .integer, order.map(\.column) == [schema.keyIndex] else { return }
        var place = RowBatch(width: 1)
        place.append(.integer(7))
        let target = PlannedList(list).target(after: place)
        let query = target.split(separator: "?", maxSplits: 1).last.map(String.init) ?? ""
        let next = read(query) { ListQuery($0, of: list.resource, application, origin: "") }
        Fuzzer.expect(next.errors.isEmpty, "\(target) can be followed: \(next.errors)")
        let isSame = next.request.after == place && next.request.filter == list.request.filter
        Fuzzer.expect(isSame && next.request.sort == list.request.sort, "\(target) is the same list")
    }

    private static func checkKeys(_ value: UnsafeRawBufferPointer) {
        for schema in Schemas.all {
            guard let key = Key(value.text, for: schema) else { continue }
            let decoded = read(key.pathSegment) { PercentEncoding.decode($0) }
            Fuzzer.expect(decoded == Array(key.description.utf8), "\(key) has a path")
        }
    }

    private static func read<R>(_ text: String, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        Array(text.utf8).withUnsafeBytes(body)
    }
}
