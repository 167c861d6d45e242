import Testing

@testable import MartletModel

/// What an endpoint can't be, and where its input comes from.
@Suite struct EndpointDescriptionTests {
    private func describe(
        _ method: EndpointDescription.Method, _ path: String, _ fields: [FieldSchema],
        _ headerFields: [String: String] = [:]
    ) throws -> EndpointDescription {
        try EndpointDescription(
            method, PathPattern(validating: path), "Does", input: ResourceSchema(message: "input", fields),
            output: NoContent.schema.resource, headerFields: headerFields)
    }

    @Test(arguments: [
        (EndpointDescription.Method.get, EndpointDescription.Source.query), (.delete, .query), (.post, .body),
        (.put, .body), (.patch, .body),
    ])
    func `a field comes from the path, a header field, or where the method has its input`(
        method: EndpointDescription.Method, others: EndpointDescription.Source
    ) throws {
        let fields = try ["a", "b", "c"].map { try FieldSchema($0, .string) }
        let endpoint = try describe(method, "/things/{b}", fields, ["c": "X-C"])
        #expect(endpoint.sources == [others, .path, .header("X-C")])
        #expect(endpoint.takesBody == (others == .body))
    }

    @Test(arguments: [
        ("/a/{b}", ["a": "X-A"], "b is no field of input"), ("/a", ["b": "X-A"], "b is no field of input"),
        ("/{a}", ["a": "X-A"], "a is in the path already"),
        ("/b", ["a": "X A"], "a: \"X A\" is no header field's name: it has letters, digits, - and _ alone"),
        ("/b", ["a": ""], "a: \"\" is no header field's name: it has letters, digits, - and _ alone"),
        ("/b", ["a": "content-LENGTH"], "a: the header field content-LENGTH has a meaning of its own"),
        ("/b", ["a": "Idempotency-Key"], "a: the header field Idempotency-Key has a meaning of its own"),
        ("/b", ["a": "X-A", "c": "x-a"], "c: the header field x-a holds another field already"),
    ])
    func `an endpoint that no request can be sent to is refused`(
        path: String, headerFields: [String: String], message: String
    ) throws {
        let fields = try ["a", "c"].map { try FieldSchema($0, .string) }
        let error = #expect(throws: SchemaError.self) { try describe(.get, path, fields, headerFields) }
        #expect(error?.description == message)
    }

    @Test func `a field that its source can't hold is refused`() throws {
        let json = try FieldSchema("a", .json)
        #expect(throws: SchemaError.self) { try describe(.get, "/b", [json]) }
        #expect(throws: SchemaError.self) { try describe(.post, "/b", [json], ["a": "X-A"]) }
        #expect(try describe(.post, "/b", [json]).takesBody)
        let nullable = try FieldSchema("a", .string, isNullable: true)
        #expect(throws: SchemaError.self) { try describe(.get, "/{a}", [nullable]) }
        let readOnly = try FieldSchema("a", .string, [.readOnly, .default("x")])
        #expect(throws: SchemaError.self) { try describe(.post, "/b", [readOnly]) }
    }

    @Test func `a message has no key`() throws {
        let key = try FieldSchema("id", .integer, [.key(.generated)])
        #expect(throws: SchemaError.self) { try ResourceSchema(message: "input", [key]) }
        #expect(NoContent.schema.resource.messageFields.isEmpty)
    }

    @Test(arguments: [
        "", "a", "/", "/a/", "//a", "/a//b", "/.", "/a/..", "/a b", "/é", "/%61", "/{}", "/{A}", "/{a", "/a{b}",
        "/{a}/{a}",
        "/{a-b}", "/*",
    ])
    func `a text that is no path is refused`(_ text: String) {
        #expect(throws: SchemaError.self) { try PathPattern(validating: text) }
    }

    @Test(arguments: ["/a", "/a/{b}", "/{a}/b-c_d.e~f/{cD}", "/A/..."])
    func `a path is written as it is read`(_ text: String) throws {
        let pattern = try PathPattern(validating: text)
        #expect(pattern.description == text)
        #expect(PathPattern(pattern.segments) == pattern)
    }
}
