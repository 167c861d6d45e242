import MartletKernel
import MartletModel

/// A place in a list, as clients see it: opaque, and bound by a checksum to the list that it was made for: its resource,
/// order and filter.
///
/// The checksum catches a cursor of another list, and one that was cut or mistyped. It is no signature: a cursor grants
/// nothing that its list doesn't. So anyone can make one, and what it holds is checked like any other input.
enum Cursor {
    private static let version: UInt8 = 2
    private static let checksumLength = 4

    /// - Parameter place: a page's ``MartletKernel/Page/next``.
    static func encode(_ place: RowBatch, for request: ListRequest) -> String {
        var text: [UInt8] = []
        place.append(to: &text)
        return encode(text, for: request)
    }

    /// - Parameter text: a place's bytes.
    static func encode(_ text: [UInt8], for request: ListRequest) -> String {
        ([version] + checksum(text, request) + text).withUnsafeBytes { Base64.encode($0, .url) }
    }

    /// The place behind which the list goes on; nil for a cursor that isn't one of this list.
    static func decode(_ cursor: String, for request: ListRequest) -> RowBatch? {
        guard let bytes = Base64.decode(cursor, .url), bytes.count > checksumLength + 1, bytes[0] == version else {
            return nil
        }
        var text = bytes[(checksumLength + 1)...]
        guard bytes[1...checksumLength].elementsEqual(checksum(Array(text), request)),
            let place = RowBatch(takenFrom: &text), text.isEmpty, isPlace(place, in: request)
        else { return nil }
        return place
    }

    /// Whether a record could be there.
    private static func isPlace(_ place: RowBatch, in request: ListRequest) -> Bool {
        let order = request.order
        guard place.count == 1, place.width == order.count, place.heap.count <= Page.mostBytesOfNext else {
            return false
        }
        return order.indices.allSatisfy { index in
            let field = request.resource.fields[order[index].column]
            let cell = place[0, index]
            // A newer server beside this one may have made any field nullable, and its records are listed here too.
            return cell.isNull ? field.key == nil : place.hasValue(cell, of: field.type)
        }
    }

    /// FNV-1a over the list and the place in it.
    private static func checksum(_ place: [UInt8], _ request: ListRequest) -> [UInt8] {
        var hash = FNV1a<UInt32>()
        let fields = request.resource.fields
        hash.add(request.resource.name)
        for term in request.order {
            hash.add(term.isDescending ? ";-" : ";")
            hash.add(fields[term.column].name)
        }
        // Filters join in any order.
        let clauses = request.filter.clauses.map { clause in
            clause.map { $0.bytes(fields[$0.column].name) }.sorted { $0.lexicographicallyPrecedes($1) }
        }
        for clause in clauses.sorted(by: { $0.joined().lexicographicallyPrecedes($1.joined()) }) {
            hash.add(";&")
            for term in clause { hash.add(term) }
        }
        hash.add(";")
        hash.add(place)
        return (0..<checksumLength).map { UInt8(truncatingIfNeeded: hash.value >> UInt32($0 * 8)) }
    }
}

extension FilterTerm {
    /// The same for two terms if they mean the same.
    fileprivate func bytes(_ field: String) -> [UInt8] {
        var bytes = Array("|\(field).".utf8)
        switch condition {
        case .compare(let comparison, let value):
            bytes += "\(comparison)=".utf8
            value.append(to: &bytes)
        case .oneOf(let values):
            bytes += "in=".utf8
            values.append(to: &bytes)
        case .like(let pattern, let ignoringCase):
            bytes += (ignoringCase ? "ilike" : "like").utf8
            for piece in pattern.pieces {
                bytes += "=\(piece.utf8.count)=".utf8
                bytes += piece.utf8
            }
        case .isNull(let isNull): bytes += "null=\(isNull)".utf8
        }
        return bytes
    }
}

extension RowBatch {
    /// Whether a cell, which may come from anywhere, holds a value that a field of this type can have.
    fileprivate func hasValue(_ cell: Cell, of type: ValueType) -> Bool {
        switch type {
        case .integer: cell.integer != nil
        case .number: cell.number.map { $0.isFinite && Cell.number($0).bits == cell.bits } ?? false
        case .boolean: cell.tag == .boolean && cell.bits <= 1
        case .timestamp: cell.timestamp != nil
        case .date: cell.date != nil
        case .string, .enumeration:
            cell.tag == .string
                && withBytes(of: cell) { !$0.contains(0) && String(validating: $0, as: UTF8.self) != nil }
        // A batch has read as many bytes as a UUID has.
        case .uuid: cell.tag == .uuid
        case .bytes: cell.tag == .bytes
        case .json: false
        }
    }
}
