import FoundationEssentials
import MartletClient
import MartletModel
import Testing

/// What is sent for fields of every type, and for those that are only written.
@Suite struct DraftTests {
    private let id = UUID(uuid: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16))
    private let idText = "01020304-0506-0708-090a-0b0c0d0e0f10"

    @Test func `Every type is sent as the contract has it, and comes back the same`() async throws {
        let fields =
            #""count":-5,"weight":0.1,"label":"é","isOn":true,"at":"2024-02-29T12:00:00.000001Z","day":"0001-01-01","#
            + #""other":"\#(idText)","data":"AP8=","extra":{"a":[1,null]},"colour":"green""#
        let server = try TestServer { _ in
            answer("201 Created", #"{"id":"\#(idText)",\#(fields),"made":"1970-01-01T00:00:00.000000Z"}"#)
        }
        defer { server.stop() }
        let samples = try MartletClient(server.url).resource(Sample.self)
        let at = try #require(Timestamp("2024-02-29T13:00:00.000001+01:00"))
        let day = try #require(CalendarDate(year: 1, month: 1, day: 1))
        let sample = try await samples.create {
            $0.count = -5
            $0.weight = 0.1
            $0.label = "é"
            $0.isOn = true
            $0.at = at
            $0.day = day
            $0.other = id
            $0.data = [0, 255]
            $0.extra = ["a": [1, .null]]
            $0.colour = .green
        }
        #expect(server.requests.map(\.text) == ["{\(fields)}"])
        #expect(
            sample
                == Sample(
                    id: id, count: -5, weight: 0.1, label: "é", isOn: true, at: at, day: day, other: id,
                    data: [0, 255], extra: ["a": [1, .null]], colour: .green, made: Timestamp(clamping: 0)))

        // As a draft of its own, the record is sent without what the server sets.
        try await samples.createAll([Draft(sample)])
        #expect(server.requests.last?.text == "[{\(fields)}]")
    }

    @Test func `A field that is only written is sent, and is nil or empty in what comes back`() async throws {
        let server = try TestServer { request in
            answer(request.target.hasPrefix("POST") ? "201 Created" : "200 OK", #"{"login":"ada","balance":1}"#)
        }
        defer { server.stop() }
        let accounts = try MartletClient(server.url).resource(Account.self)
        var ada = try await accounts.create {
            $0.login = "ada"
            $0.balance = 1
            $0.password = "secret"
            $0.token = [1]
        }
        #expect(ada == Account(login: "ada", balance: 1, password: "", token: nil))
        try await accounts.replace(ada)
        ada.password = "other"
        try await accounts.replace(ada)
        try await accounts.update("ada") { $0.token = nil }
        #expect(
            server.requests.map(\.text) == [
                #"{"login":"ada","balance":1,"password":"secret","token":"AQ=="}"#, #"{"login":"ada","balance":1}"#,
                #"{"login":"ada","balance":1,"password":"other"}"#, #"{"token":null}"#,
            ])
    }
}
