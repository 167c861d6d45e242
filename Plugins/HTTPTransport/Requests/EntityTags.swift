import MartletKernel
import MartletModel

/// The value of If-Match or If-None-Match (RFC 9110, section 13.1): `*`, or a list of entity tags.
enum EntityTags: Equatable {
    case any
    case list([EntityTag])

    /// - Parameters:
    ///   - value: of one field.
    ///   - others: what earlier fields of the name have said: several are one list.
    /// - Returns: nil for a value that is no such list.
    init?(_ value: UnsafeRawBufferPointer, behind others: EntityTags? = nil) {
        if value.equals("*") {
            guard others == nil else { return nil }
            self = .any
            return
        }
        var tags: [EntityTag] = []
        switch others {
        case .any: return nil
        case .list(let earlier): tags = earlier
        case nil: break
        }
        var rest = value
        while !rest.isEmpty {
            // An empty element is no mistake (RFC 9110, section 5.6.1.2).
            if rest[0] != UInt8(ascii: ",") {
                guard let (tag, length) = EntityTag.read(rest) else { return nil }
                tags.append(tag)
                rest = rest.slice(from: length).trimmed
            }
            guard !rest.isEmpty else { break }
            guard rest[0] == UInt8(ascii: ",") else { return nil }
            rest = rest.slice(from: 1).trimmed
        }
        guard !tags.isEmpty else { return nil }
        self = .list(tags)
    }

    var count: Int {
        if case .list(let tags) = self { tags.count } else { 0 }
    }

    /// What If-Match demands of the record that is written: a weak tag never matches (section 13.1.1).
    var precondition: Precondition {
        switch self {
        case .any: .present
        case .list(let tags): .version(tags.compactMap { $0.isWeak ? nil : $0.version })
        }
    }

    /// Why one of the tags can't match, as a proxy that compresses responses makes them.
    var unmatchable: UnmatchableETag? {
        guard case .list(let tags) = self else { return nil }
        if tags.contains(where: \.isWeak) { return .weak }
        return tags.contains(where: \.hasSuffix) ? .suffixed : nil
    }

    /// What a value has to be.
    static let form = "must be * or ETags with their quotes, such as \"3-1a2b3c4d\""

    /// Whether If-Match holds for a record that is read.
    func match(version: Int64) -> Bool {
        precondition.holds(for: version)
    }

    /// Whether If-None-Match says that the client has this representation already. Weak tags count (section 13.1.2).
    func include(version: Int64, checksum: UInt32) -> Bool {
        switch self {
        case .any: true
        case .list(let tags): tags.contains { $0.version == version && $0.checksum == checksum }
        }
    }
}

/// An entity tag of a record: its version, and its schema's checksum, which tells two representations of one version apart.
struct EntityTag: Equatable {
    /// Nil for a tag that no record has.
    let version: Int64?
    let checksum: UInt32
    let isWeak: Bool
    /// Something was appended to a record's tag, such as `-gzip`: then no record has it.
    let hasSuffix: Bool

    init(version: Int64?, checksum: UInt32, isWeak: Bool = false, hasSuffix: Bool = false) {
        (self.version, self.checksum, self.isWeak, self.hasSuffix) = (version, checksum, isWeak, hasSuffix)
    }

    /// Reads the tag at the beginning of a text.
    /// - Returns: nil when there is none.
    static func read(_ text: UnsafeRawBufferPointer) -> (tag: EntityTag, length: Int)? {
        let isWeak = text.count > 2 && text[0] == UInt8(ascii: "W") && text[1] == UInt8(ascii: "/")
        let start = isWeak ? 2 : 0
        guard text.count > start, text[start] == UInt8(ascii: "\""),
            let end = text.next(UInt8(ascii: "\""), from: start + 1)
        else { return nil }
        let opaque = text.slice(start + 1..<end)
        guard opaque.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return nil }
        return (EntityTag(opaque, isWeak: isWeak), end + 1)
    }

    /// `version-checksum`, as ``ResponseHead`` writes it.
    private init(_ opaque: UnsafeRawBufferPointer, isWeak: Bool) {
        if let (version, checksum) = Self.parts(opaque) {
            self.init(version: version, checksum: checksum, isWeak: isWeak)
            return
        }
        let end = (opaque.next(UInt8(ascii: "-")) ?? opaque.count) + 9
        let hasSuffix =
            end < opaque.count && !opaque[end].isLetterOrDigit && Self.parts(opaque.slice(0..<end)) != nil
        self.init(version: nil, checksum: 0, isWeak: isWeak, hasSuffix: hasSuffix)
    }

    private static func parts(_ opaque: UnsafeRawBufferPointer) -> (version: Int64, checksum: UInt32)? {
        // The checksum has eight digits. The version may have a sign.
        let dash = max(opaque.count - 9, 0)
        let (version, checksum) = (opaque.slice(0..<dash).text, opaque.slice(from: min(dash + 1, opaque.count)).text)
        // Tags are compared byte by byte, so only the one spelling that is sent counts.
        guard let number = Int64(version), let sum = UInt32(checksum, radix: 16),
            EntityTag(version: number, checksum: sum).text.utf8.dropFirst().dropLast().elementsEqual(opaque)
        else { return nil }
        return (number, sum)
    }
}
