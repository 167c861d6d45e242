import MartletModel
import Testing
import UsersModel

@Suite struct NewRecordsTests {
    private let users = User.schema.resource

    @Test func `an object is one record, and an array several`() throws {
        let one = try records(#"{"name":"Ada","email":"a@b.c"}"#)
        #expect(one.rows.count == 1)
        #expect(!one.isArray)
        let several = try records(#"[{"name":"Ada","email":"a@b.c"}, {"email":"d@b.c","name":"Bob"}]"#)
        #expect(several.isArray)
        #expect(several.rows.map { $0.cells.string(of: $0.cells[0, 1]) } == ["Ada", "Bob"])
        #expect(try records(#"[{"name":"Ada","email":"a@b.c"}]"#).isArray)
    }

    @Test func `every record's errors are found, each at its place`() {
        #expect(
            errors(
                #"[{"name":"","email":"x"},{"name":"Ada","email":"a@b.c"},7,{"z":1,"id":2,"name":"a","email":"a@b.c"}]"#
            )
                == [
                    "length #/0/name", "format #/0/email", "type #/2", "read_only #/3/id", "unknown_field #/3/z",
                ])
        #expect(errors(#"{"name":""}"#) == ["length #/name", "required #/email"])
    }

    @Test(arguments: ["1", "null", #""text""#, "true"])
    func `anything else is no record`(_ body: String) {
        #expect(errors(body) == ["type #"])
    }

    @Test func `an array has 1 to 1,000 records`() throws {
        let record = #"{"name":"Ada","email":"a@b.c"}"#
        func array(_ count: Int) -> String { "[" + Array(repeating: record, count: count).joined(separator: ",") + "]" }
        #expect(errors("[]") == ["length #"])
        #expect(try records(array(1000)).rows.count == 1000)
        #expect(errors(array(1001)) == ["length #"])
        let invalid = #"[{"name":"","email":"a@b.c"},"# + array(1000).dropFirst()
        #expect(errors(invalid) == ["length #", "length #/0/name"])
        // What is beyond has to be JSON all the same.
        let problem = #expect(throws: Problem.self) { try records(array(1000).dropLast() + ",{\"a\":}]") }
        #expect(problem?.code == .malformedJSON)
    }

    @Test(arguments: ["[", "[{}", "[{},]", "[{}]]", "{}{}", #"[{"name":"a","name":"b"}]"#, ""])
    func `what is no JSON is malformed`(_ body: String) {
        let problem = #expect(throws: Problem.self) { try records(body) }
        #expect(problem?.code == .malformedJSON)
    }

    private func records(_ body: some StringProtocol) throws(Problem) -> NewRecords {
        var body = String(body)
        return try body.withUTF8 { utf8 in
            Result { () throws(Problem) in try NewRecords(json: UnsafeRawBufferPointer(utf8), users) }
        }.get()
    }

    private func errors(_ body: String) -> [String] {
        Reading.errors { () throws(Problem) in _ = try records(body) }
    }
}
