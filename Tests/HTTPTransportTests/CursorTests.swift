import MartletKernel
import MartletModel
import MartletTesting
import Testing

@testable import HTTPTransport

/// Places in lists: they lead back, and nothing that a client makes of them does harm.
struct CursorTests {
    private static let sorts: [[SortTerm]] = [
        [], [SortTerm(1)], [SortTerm(2, isDescending: true)], (1...8).map { SortTerm($0) },
        [SortTerm(11), SortTerm(10)],
    ]

    /// A list of gadgets, and a place in it with a value or null in every column.
    private static func list(_ sort: [SortTerm], isNull: Bool) throws -> (ListRequest, RowBatch) {
        let schema = try TestResources.gadgets()
        var request = ListRequest(schema, limit: 1)
        request.sort = sort
        var place = RowBatch(width: request.order.count)
        for term in request.order {
            let field = schema.fields[term.column]
            if isNull, field.isNullable {
                place.append(.null)
            } else {
                append(field.type, to: &place)
            }
        }
        return (request, place)
    }

    private static func append(_ type: ValueType, to place: inout RowBatch) {
        switch type {
        case .integer: place.append(.integer(.min))
        case .number: place.append(.number(-0.5))
        case .boolean: place.append(.boolean(true))
        case .timestamp: place.append(.timestamp(.max))
        case .date: place.append(.date(.min))
        case .uuid: [UInt8](repeating: 7, count: 16).withUnsafeBytes { place.append(.uuid, $0) }
        case .bytes: [UInt8]([0, 255]).withUnsafeBytes { place.append(.bytes, $0) }
        default: place.append("Ädä")
        }
    }

    @Test(arguments: 0..<5, [true, false])
    func `a cursor leads back to its place, and every other text is refused`(sort: Int, isNull: Bool) throws {
        let (request, place) = try Self.list(Self.sorts[sort], isNull: isNull)
        let cursor = Cursor.encode(place, for: request)
        #expect(Cursor.decode(cursor, for: request) == place)
        #expect(cursor.utf8.allSatisfy { $0.isLetterOrDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") })
        for index in cursor.indices {
            var changed = cursor
            changed.replaceSubrange(index...index, with: cursor[index] == "A" ? "B" : "A")
            #expect(Cursor.decode(changed, for: request) == nil)
            #expect(Cursor.decode(String(cursor[..<index]), for: request) == nil)
        }
        #expect(Cursor.decode(cursor + "A", for: request) == nil)
    }

    @Test func `a cursor's text stays the same, as clients have it`() {
        let request = ListQuery.read("name=a&sort=-email").request
        var place = RowBatch(width: 2)
        place.append("ada@example.org")
        place.append(.integer(7))
        #expect(Cursor.encode(place, for: request) == "AhTUCiQCAAAAAQAAAAcPAAAAYWRhQGV4YW1wbGUub3JnAgcAAAAAAAAA")
    }

    @Test func `a cursor is bound to its resource, order and filter, and to nothing else`() {
        func next(_ query: String) -> String {
            let request = ListQuery.read(query).request
            var place = RowBatch(width: request.order.count)
            for term in request.order { if term.column == 0 { place.append(.integer(1)) } else { place.append("x") } }
            return Cursor.encode(place, for: request)
        }
        let filter = "name=a&email.ne=b&or=(id=1,id=2)"
        let cursor = next(filter + "&sort=name")
        for query in [
            "sort=name&or=(id=2,id=1)&email.ne=b&name.eq=a", "name=a&email.ne=b&or=(id=1,id=2)&sort=name,id",
            filter + "&sort=name&limit=7&fields=id&count=true",
        ] { #expect(next(query) == cursor, "\(query)") }
        for query in [
            filter, filter + "&sort=-name", filter + "&sort=email", "name=a&or=(id=1,id=2)&sort=name",
            "name=a&email=b&or=(id=1,id=2)&sort=name", "name=b&email.ne=b&or=(id=1,id=2)&sort=name",
            "name=a&email.ne=b&id=1&sort=name", "name=a&email.ne=b&or=(id=1,id=3)&sort=name", "sort=name",
            "name.like=a&email.ne=b&or=(id=1,id=2)&sort=name", "name.ilike=a&email.ne=b&or=(id=1,id=2)&sort=name",
            "name=a&or=(email.ne=b,id=1,id=2)&sort=name",
        ] { #expect(ListQuery.read(query + "&cursor=" + cursor).errors.count == 1, "\(query)") }
        #expect(next("name.like=a*b") != next("name.like=a*b*"))
        #expect(next("name.null=true") != next("name.null=false"))
        #expect(next("name.in=a,b") != next("name.in=ab"))
    }

    @Test func `a cursor with a right checksum holds only what a record can have`() throws {
        let schema = try TestResources.gadgets()
        func decode(_ sort: String, _ fill: (inout RowBatch) -> Void) -> RowBatch? {
            var request = ListRequest(schema, limit: 1)
            request.sort = [SortTerm(schema.indexByName[sort] ?? 0)]
            var place = RowBatch(width: sort == "id" ? 1 : 2)
            fill(&place)
            if sort != "id" { place.append(.integer(1)) }
            return Cursor.decode(Cursor.encode(place, for: request), for: request)
        }
        func raw(_ tag: Cell.Tag, _ bytes: [UInt8], _ place: inout RowBatch) {
            bytes.withUnsafeBytes { place.append(tag, $0) }
        }
        #expect(decode("id") { $0.append(.integer(3)) } != nil)
        #expect(decode("amount") { $0.append(.null) } != nil)
        #expect(decode("code") { raw(.string, Array("é".utf8), &$0) } != nil)
        #expect(decode("id") { $0.append(.null) } == nil)
        #expect(decode("id") { $0.append(.absent) } == nil)
        #expect(decode("amount") { $0.append(.absent) } == nil)
        #expect(decode("id") { $0.append("1") } == nil)
        #expect(decode("id") { $0.append(.boolean(true)) } == nil)
        #expect(decode("name") { $0.append(.null) } != nil)
        #expect(decode("name") { raw(.string, [0xFF], &$0) } == nil)
        #expect(decode("name") { raw(.string, [0x61, 0], &$0) } == nil)
        #expect(decode("name") { raw(.bytes, [0x61], &$0) } == nil)
        #expect(decode("name") { raw(.json, [0x31], &$0) } == nil)
        #expect(decode("name") { raw(.string, [UInt8](repeating: 0x61, count: 3073), &$0) } == nil)
        #expect(decode("color") { $0.append(.integer(1)) } == nil)
        #expect(decode("ratio") { $0.append(.number(.infinity)) } == nil)
        #expect(decode("ratio") { $0.append(.number(.nan)) } == nil)
        #expect(decode("token") { raw(.uuid, [1, 2], &$0) } == nil)
        #expect(
            decode("id") {
                $0.append(.integer(1)); $0.append(.integer(2))
            } == nil)
        #expect(decode("id") { _ in } == nil)
    }

    /// Times, dates, booleans and numbers that no API makes have to be written byte by byte.
    @Test(
        arguments: [
            ("madeAt", 5, UInt64(bitPattern: .max)), ("madeAt", 5, UInt64(bitPattern: -62_135_596_800_000_001)),
            ("day", 6, UInt64(bitPattern: 2_932_897)), ("day", 6, .max << 32), ("isActive", 4, 2),
            ("ratio", 3, 0x8000_0000_0000_0000), ("ratio", 3, 0x7FF8_0000_0000_0001),
        ] as [(String, UInt8, UInt64)])
    func `bits that are no value are refused`(sort: String, tag: UInt8, bits: UInt64) throws {
        let schema = try TestResources.gadgets()
        var bytes: [UInt8] = [2, 0, 0, 0, 1, 0, 0, 0, tag]
        for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift * 8))) }
        bytes += [2, 1, 0, 0, 0, 0, 0, 0, 0]
        let query = ListQuery.read("sort=\(sort)&limit=1", of: schema)
        func errors(_ bytes: [UInt8]) -> [FieldError] {
            let cursor = Cursor.encode(bytes, for: query.request)
            return ListQuery.read("sort=\(sort)&limit=1&cursor=\(cursor)", of: schema).errors
        }
        #expect(errors(bytes).map(\.location) == [.parameter("cursor")])
        // With bits that are a value, the same cursor is one of the list.
        for index in 9..<17 { bytes[index] = 0 }
        #expect(errors(bytes).isEmpty)
    }

    @Test func `a link repeats its query as it came, with characters that a URI can hold`() async throws {
        try await TestServer.run { server throws in
            try server.fill()
            let queries = [
                ("/gadgets?limit=1", "/gadgets?limit=1&"),
                ("/gadgets?count=true&limit=1", "/gadgets?count=true&limit=1&"),
                ("/users?limit=1&name.like=%2A", "/users?limit=1&name.like=%2A&"),
                (
                    "/users?name.like=*&or=(id=1,name=\"<>[]^`{|}\\x,id=2)&limit=1",
                    "/users?name.like=*&or=(id=1,name=%22%3C%3E%5B%5D%5E%60%7B%7C%7D%5Cx,id=2)&limit=1&"
                ),
                ("http://x/users?limit=1", "/users?limit=1&"),
            ]
            for (query, link) in queries {
                let first = try server.answer(to: Requests.get(query))
                let next = try #require(first.next, "\(query) \(first.body)")
                #expect(next.hasPrefix(link + "cursor="), "\(next)")
                let second = try server.answer(to: Requests.get(next))
                #expect(second.status == 200, "\(second.body)")
                if let third = second.next {
                    #expect(third.hasPrefix(link + "cursor=") && third != next)
                    // Wherever the cursor stands, and however it is spelled, it is replaced.
                    let cursor = next.dropFirst(link.count + "cursor=".count)
                    let moved = link.replacing("?", with: "?%63ursor=\(cursor)&").dropLast()
                    #expect(try server.answer(to: Requests.get(String(moved))).next == third)
                }
            }
        }
    }

    @Test func `a list whose next page could not be asked for is refused`() async throws {
        try await TestServer.run { server throws in
            try server.fill()
            let long = String(repeating: "a", count: Limits().targetSize - 40)
            let answer = try server.answer(to: Requests.get("/users?limit=1&name.ne=\(long)"))
            #expect(answer.status == 400 && answer.problemCode == "invalid_parameter")
            #expect(answer.body.contains("\(Limits().targetSize) bytes"))
            #expect(try server.answer(to: Requests.get("/users?limit=2&name.ne=\(long)")).status == 200)
        }
    }
}
