import MartletKernel
import MartletModel
import Testing

@testable import HTTPTransport

/// A body that isn't valid hides no reference to a record that isn't there.
struct DanglingReferenceTests {
    private static let gadget = #""name":"G","secret":"1234""#

    @Test func `a wrong value and a lost reference are told together, in the schema's order`() async throws {
        try await TestServer.run { server throws in
            func errors(_ method: String, _ path: String, _ body: String) throws -> [String] {
                let answer = try server.call(method, path, body)
                #expect(answer.status == 422)
                return answer.errors
            }
            #expect(try server.call("POST", "/users", Requests.ada).status == 201)
            #expect(try server.call("POST", "/gadgets", "{\(Self.gadget)}").status == 201)
            let body = #"{"zz":1,"owner":9,"state":"x","name":7,"secret":"1234"}"#
            let expected = ["#/name type", "#/state read_only", "#/owner reference", "#/zz unknown_field"]
            #expect(try errors("POST", "/gadgets", body) == expected)
            #expect(try errors("PATCH", "/gadgets/1", body) == expected)
            #expect(try errors("PUT", "/gadgets/1", body) == expected.filter { !$0.contains("state") })
            #expect(try server.call("POST", "/gadgets", body).body.contains("4 fields are not valid."))
            // The record is there, none is meant, or the value itself is wrong.
            for owner in ["1", "null", #""x""#, "1.5"] {
                let errors = try errors("POST", "/gadgets", #"{"name":7,"secret":"1234","owner":\#(owner)}"#)
                #expect(errors.filter { $0.contains("reference") }.isEmpty)
            }
            #expect(server.storage.commits == 2)
        }
    }

    @Test func `in an array those of every record are told, but none to what it makes itself`() async throws {
        try await TestServer.run { server throws in
            let records = [
                #"{"slug":"a","title":"A","parent":"a"}"#, #"{"slug":"b","title":"B","parent":"a"}"#,
                #"{"slug":"c","title":"C","parent":"d"}"#, #"{"slug":"d","title":7,"parent":"c"}"#,
                #"{"slug":"e","title":"E","parent":"d"}"#, #"{"slug":"f","title":"F","parent":"x"}"#,
            ]
            func errors(_ records: [String]) throws -> [String] {
                try server.call("POST", "/pages", "[\(records.joined(separator: ","))]").errors
            }
            #expect(try errors(records) == ["#/2/parent reference", "#/3/title type", "#/5/parent reference"])
            // Which record has no key that can be read, nobody knows: what comes after it may refer to it.
            #expect(
                try errors([#"{"slug":"a","title":"A","parent":"b"}"#, #"{"slug":7,"title":"B"}"#] + records.suffix(1))
                    == ["#/0/parent reference", "#/1/slug type"])
            #expect(
                try errors([#"{"slug":"a","title":"A","parent":"b"}"#, "7"] + records.suffix(1))
                    == ["#/0/parent reference", "#/1 type"])
        }
    }

    @Test func `in a batch those of every operation are told, but none that an operation before it makes`() async throws
    {
        try await TestServer.run { server throws in
            func errors(_ operations: String...) throws -> [String] {
                let answer = try server.call("POST", "/batch", BatchTests.batch(operations))
                #expect(answer.status == 422)
                return answer.errors.map { String($0.dropFirst("#/operations/".count)) }
            }
            let wrong = Self.o("POST", "/users", #"{"name":7,"email":"a@b.c"}"#)
            let dangling = Self.o("POST", "/gadgets", #"{\#(Self.gadget),"owner":9}"#)
            #expect(
                try errors(wrong, dangling, Self.o("PATCH", "/gadgets/1", #"{"owner":8}"#), dangling) == [
                    "0/body/name type", "1/body/owner reference", "2/body/owner reference", "3/body/owner reference",
                ])
            #expect(
                try errors(
                    Self.o("PUT", "/pages/a", #"{"title":7,"parent":"x"}"#),
                    Self.o("POST", "/pages", #"{"slug":"b","title":"B","parent":"a"}"#),
                    Self.o("PATCH", "/pages/b", #"{"parent":"c"}"#)) == [
                        "0/body/title type", "0/body/parent reference", "2/body/parent reference",
                    ])
            // What can't be read may make a page, whose key a client assigns, but no user with a known key.
            #expect(
                try errors("7", dangling, Self.o("PATCH", "/pages/b", #"{"parent":"c"}"#)) == [
                    "0 type", "1/body/owner reference",
                ])
            // A reference to a result is told where it is wrong, and looked up by nobody.
            #expect(
                try errors(
                    Self.o("POST", "/users", Requests.ada),
                    Self.o("POST", "/gadgets", #"{"name":7,"secret":"1234","owner":{"$ref":"0/id"}}"#),
                    Self.o("POST", "/gadgets", #"{"name":7,"secret":"1234","owner":{"$ref":"9/id"}}"#)) == [
                        "1/body/name type", "2/body/name type", "2/body/owner operation",
                    ])
        }
    }

    @Test func `a value from an earlier operation that isn't valid hides none either`() async throws {
        try await TestServer.run { server throws in
            let answer = try server.call(
                "POST", "/batch",
                BatchTests.batch(
                    Self.o("POST", "/users", #"{"name":"\#(String(repeating: "n", count: 60))","email":"a@b.c"}"#),
                    Self.o("POST", "/gadgets", #"{"name":{"$ref":"0/name"},"secret":"1234","owner":9}"#),
                    Self.o("POST", "/gadgets", #"{"name":{"$ref":"1/name"},"secret":"1234","owner":8}"#),
                    Self.o("POST", "/gadgets", #"{\#(Self.gadget),"owner":7}"#)))
            #expect(answer.status == 422)
            #expect(
                answer.errors == [
                    "#/operations/1/body/name length", "#/operations/1/body/owner reference",
                    "#/operations/2/body/owner reference", "#/operations/3/body/owner reference",
                ])
        }
    }

    @Test(arguments: [StorageError.unavailable("gone"), .overloaded, .deadlineExceeded])
    func `a storage that can't say so leaves the other errors`(failure: StorageError) async throws {
        try await TestServer.run { server throws in
            server.storage.fail(with: failure)
            let answer = try server.call("POST", "/gadgets", #"{"name":7,"secret":"1234","owner":9}"#)
            #expect(answer.status == 422 && answer.errors == ["#/name type"])
        }
    }

    @Test func `a storage that doesn't answer leaves the other errors`() async throws {
        try await TestServer.run { server throws in
            server.storage.hold()
            let answer = try server.call("POST", "/gadgets", #"{"name":7,"secret":"1234","owner":9}"#)
            #expect(answer.status == 422 && answer.errors == ["#/name type"])
        }
    }

    @Test func `the last of a thousand references is found, and a hundred errors are listed`() async throws {
        try await TestServer.run { server throws in
            #expect(try server.call("POST", "/users", Requests.ada).status == 201)
            func answer(owner: (Int) -> Int) throws -> RawAnswer {
                let records = (0..<1000).map { index in
                    #"{"name":\#(index == 0 ? "7" : #""G""#),"secret":"1234","owner":\#(owner(index))}"#
                }
                return try server.call("POST", "/gadgets", "[\(records.joined(separator: ","))]")
            }
            #expect(try answer { $0 == 999 ? 9 : 1 }.errors == ["#/0/name type", "#/999/owner reference"])
            let many = try answer { $0 + 2 }
            #expect(many.errors.count == 100 && many.errors.prefix(2) == ["#/0/name type", "#/0/owner reference"])
            #expect(many.body.contains("More than 100 fields are not valid. The first 100 errors are listed."))
        }
    }

    private static func o(_ method: String, _ path: String, _ body: String? = nil) -> String {
        BatchTests.operation(method, path, body)
    }
}
