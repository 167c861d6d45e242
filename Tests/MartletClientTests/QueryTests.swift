import FoundationEssentials
import MartletClient
import MartletModel
import Testing

/// What a program asks of a list in Swift is what the request says.
@Suite struct QueryTests {
    enum Mood: String, EnumerationValue { case calm, loud }

    struct Guest: Model {
        var id: UUID
        var name: String
        var age: Int64?
        var weight: Double
        var mood: Mood
        var isHere: Bool
        var born: CalendarDate?
        var seenAt: Timestamp
        var photo: [UInt8]

        static let schema = Schema(
            "guests", Field("id", \.id, .key(.generated)), Field("name", \.name), Field("age", \.age),
            Field("weight", \.weight), Field("mood", \.mood), Field("isHere", \.isHere), Field("born", \.born),
            Field("seenAt", \.seenAt, .managed(.createdAt)), Field("photo", \.photo), build: Guest.init)
    }

    private func target(
        _ filter: RecordFilter<Guest>?, _ order: [RecordOrder<Guest>] = [], limit: Int? = nil
    ) async throws -> String {
        let server = try TestServer { _ in answer("200 OK", "[]") }
        defer { server.stop() }
        let guests = try MartletClient(server.url).resource(Guest.self)
        for try await _ in guests.list(where: filter, sortedBy: order, limit: limit) {}
        return try #require(server.requests.first?.target.dropFirst("GET /guests".count)).description
    }

    @Test func `says every comparison`() async throws {
        #expect(try await target(nil) == "")
        #expect(try await target(\.name == "Ada & Bob+", limit: 5) == "?name.eq=Ada%20%26%20Bob%2B&limit=5")
        #expect(
            try await target(\.age >= 18 && \.age < 65 && \.weight <= 0.1 && \.weight > -2 && \.isHere != false)
                == "?age.gte=18&age.lt=65&weight.lte=0.1&weight.gt=-2.0&isHere.ne=false")
        #expect(try await target(\.age == nil && \.born != nil) == "?age.null=true&born.null=false")
        #expect(
            try await target(.oneOf(\.name, ["a,b", "c\\"]) && .oneOf(\.mood, [.calm, .loud]))
                == "?name.in=a%5C%2Cb%2Cc%5C%5C&mood.in=calm%2Cloud")
        #expect(
            try await target(.like(\.name, "A*\\*") && .like(\.name, "é*", ignoringCase: true))
                == "?name.like=A%2A%5C%2A&name.ilike=%C3%A9%2A")
        let id = try #require(UUID(uuidString: "0198C5A4-7D0E-7000-8000-0000000000AB"))
        #expect(try await target(\.id == id) == "?id.eq=0198c5a4-7d0e-7000-8000-0000000000ab")
        #expect(try await target(\.photo == [0xFB, 0xFF]) == "?photo.eq=%2B%2F8%3D")
    }

    @Test func `says one or, and the order`() async throws {
        #expect(
            try await target(\.isHere == true && (\.name == "a,b" || \.age < 3 || .oneOf(\.name, ["x", "y"])))
                == "?isHere.eq=true&or=%28name.eq%3Da%5C%2Cb%2Cage.lt%3D3%2Cname.in%3Dx%5C%2Cy%29")
        #expect(
            try await target(nil, [.descending(\.seenAt), .ascending(\.name)], limit: 3)
                == "?sort=-seenAt%2Cname&limit=3")
    }

    @Test func `sends nothing that a request can't say`() async throws {
        let isYoung: RecordFilter<Guest> = \.age < 3
        let isOld: RecordFilter<Guest> = \.age > 65
        let isAda: RecordFilter<Guest> = \.name == "Ada"
        let isNotAda: RecordFilter<Guest> = \.name != "Ada"
        let isNotBob: RecordFilter<Guest> = \.name != "Bob"
        let isFinite: RecordFilter<Guest> = \.weight < .infinity
        let isShort: RecordFilter<Guest> = \.name.utf8.isEmpty == true
        let sayable = [(isYoung || isOld) && isNotAda, isAda && isNotAda]
        for filter in sayable { #expect(try await target(filter) != "") }
        let filters = [
            (isAda && isYoung) || isOld, (isYoung || isOld) && (isAda || isNotBob), isNotAda && isNotBob, isFinite,
            .oneOf(\.name, []), .like(\.name, "a\\b"), isShort && isAda,
        ]
        for filter in filters {
            let error = await #expect(throws: MartletError.self) { try await target(filter) }
            guard case .invalidRequest = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
    }

    @Test func `counts`() async throws {
        let server = try TestServer { _ in answer("200 OK", "[]", "X-Total-Count: 1234567") }
        defer { server.stop() }
        let guests = try MartletClient(server.url).resource(Guest.self)
        #expect(try await guests.count(where: \.isHere == true) == 1_234_567)
        #expect(server.requests.map(\.target) == ["GET /guests?isHere.eq=true&limit=1&count=true"])
    }
}
