import MartletModel
import Testing

/// What each type reads from JSON, and what it refuses.
@Suite struct FieldReadingTests {
    /// A resource with one field, `x`, beside its key.
    private func schema(
        _ type: ValueType, isNullable: Bool = false, _ constraints: [Constraint] = []
    ) throws -> ResourceSchema {
        let values = type == .enumeration ? [Constraint.values(["open", "e\u{301}"])] : []
        return try ResourceSchema(
            "things",
            [
                FieldSchema("id", .integer, [.key(.generated)]),
                FieldSchema("x", type, isNullable: isNullable, values + constraints),
            ])
    }

    @Test(arguments: [
        (ValueType.integer, "0", "0"), (.integer, "-9223372036854775808", "-9223372036854775808"),
        (.integer, "9.223372036854775807e18", "9223372036854775807"), (.integer, "1.0", "1"), (.integer, "1e2", "100"),
        (.integer, "-0", "0"), (.integer, "120e-1", "12"),
        (.number, "1", "1.0"), (.number, "-0.0", "0.0"), (.number, "-0", "0.0"), (.number, "1e2", "100.0"),
        (.number, "0.1", "0.1"), (.number, "0.30000000000000004", "0.30000000000000004"),
        (.number, "1.7976931348623157e308", "1.7976931348623157e+308"), (.number, "5e-324", "5e-324"),
        (.number, "1e-400", "0.0"),
        (.string, #""""#, #""""#), (.string, #""e\u0301""#, "\"e\u{301}\""),
        (.string, #""\ud83d\ude00""#, "\"\u{1F600}\""),
        (.boolean, "true", "true"), (.boolean, "false", "false"),
        (.timestamp, #""2026-07-01T12:00:00Z""#, #""2026-07-01T12:00:00.000000Z""#),
        (.timestamp, #""2026-07-01t12:00:00.5+02:00""#, #""2026-07-01T10:00:00.500000Z""#),
        (.timestamp, #""0001-01-01T00:00:00Z""#, #""0001-01-01T00:00:00.000000Z""#),
        (.timestamp, #""9999-12-31T23:59:59.999999Z""#, #""9999-12-31T23:59:59.999999Z""#),
        (.date, #""2024-02-29""#, #""2024-02-29""#), (.date, #""0001-01-01""#, #""0001-01-01""#),
        (.uuid, #""0123ABCD-0123-0123-0123-0123456789AB""#, #""0123abcd-0123-0123-0123-0123456789ab""#),
        (.bytes, #""""#, #""""#), (.bytes, #""AP8A""#, #""AP8A""#), (.bytes, #""AA==""#, #""AA==""#),
        (.json, "1.10", "1.10"), (.json, #"{"b":[1, null],"a":{"d":1,"c":2}}"#, #"{"a":{"c":2,"d":1},"b":[1,null]}"#),
        (.json, #""""#, #""""#), (.json, "false", "false"),
        (.enumeration, #""open""#, #""open""#), (.enumeration, #""e\u0301""#, "\"e\u{301}\""),
    ])
    func `a value is read, and written in its one form`(_ type: ValueType, _ json: String, _ written: String) throws {
        let schema = try schema(type)
        let row = try Reading.row(#"{"x":\#(json)}"#, schema)
        #expect(row.cells[0, 1].tag == type.tag)
        #expect(Reading.json(row.cells, schema) == #"{"x":\#(written)}"#)
        // What was written reads as the same.
        #expect(try Reading.row(#"{"x":\#(written)}"#, schema) == row)
    }

    @Test(arguments: [
        (ValueType.integer, "1.5", "type"), (.integer, #""1""#, "type"), (.integer, "true", "type"),
        (.integer, "9223372036854775808", "range"), (.integer, "1e400", "range"), (.integer, "[1]", "type"),
        (.number, "1e400", "range"), (.number, "-1e309", "range"), (.number, #""1""#, "type"), (.number, "{}", "type"),
        (.string, "1", "type"), (.string, #""\u0000""#, "characters"), (.string, "true", "type"),
        (.string, "[]", "type"),
        (.boolean, "1", "type"), (.boolean, #""true""#, "type"), (.boolean, "0", "type"),
        (.timestamp, #""2026-07-01""#, "type"), (.timestamp, #""2026-07-01T12:00:00""#, "type"),
        (.timestamp, #""2026-07-01T12:00:60Z""#, "type"), (.timestamp, #""2026-07-01T12:00:00.1234567Z""#, "type"),
        (.timestamp, #""0000-12-31T23:59:59Z""#, "type"), (.timestamp, #""0001-01-01T00:00:00+01:00""#, "type"),
        (.timestamp, "0", "type"),
        (.date, #""2023-02-29""#, "type"), (.date, #""2026-7-1""#, "type"), (.date, #""2026-07-01T00:00:00Z""#, "type"),
        (.date, "20260701", "type"),
        (.uuid, #""0123abcd""#, "type"), (.uuid, #""{0123abcd-0123-0123-0123-0123456789ab}""#, "type"),
        (.uuid, "1", "type"),
        (.bytes, #""AA""#, "type"), (.bytes, #""AA=""#, "type"), (.bytes, #""-_==""#, "type"),
        (.bytes, #""AB==""#, "type"),
        (.bytes, "[0]", "type"),
        (.enumeration, #""Open""#, "enum"), (.enumeration, #""""#, "enum"), (.enumeration, #""\u00e9""#, "enum"),
        (.enumeration, "1", "type"),
    ])
    func `what a type can't hold has an error of its own`(_ type: ValueType, _ json: String, _ code: String) throws {
        #expect(Reading.errors(#"{"x":\#(json)}"#, try schema(type)) == ["\(code) #/x"])
        #expect(Reading.errors(#"{"x":\#(json)}"#, try schema(type, isNullable: true), for: .patch) == ["\(code) #/x"])
    }

    @Test(arguments: ValueType.allCases)
    func `null is for fields that may be null, of any type`(_ type: ValueType) throws {
        #expect(Reading.errors(#"{"x":null}"#, try schema(type)) == ["not_nullable #/x"])
        #expect(Reading.errors(#"{}"#, try schema(type)) == ["required #/x"])
        let nullable = try schema(type, isNullable: true)
        for body in [#"{"x":null}"#, "{}"] {
            #expect(try Reading.row(body, nullable).cells[0, 1].isNull)
        }
        #expect(try Reading.row("{}", nullable, for: .patch).cells[0, 1].isAbsent)
    }

    @Test func `a document is kept as deep as it can be written, and no deeper`() throws {
        let schema = try schema(.json)
        for depth in [1, 20] {
            let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            let row = try Reading.row(#"{"x":\#(text)}"#, schema)
            #expect(Reading.json(row.cells, schema) == #"{"x":\#(text)}"#)
        }
        let text = String(repeating: "[", count: 33) + String(repeating: "]", count: 33)
        #expect(throws: Problem.self) { try Reading.row(#"{"x":\#(text)}"#, schema) }
    }

    // MARK: - Bounds

    @Test(arguments: [
        (ValueType.integer, Constraint.range(-1...10), ["-1", "10", "1e1"], ["-2", "11"], "range"),
        (.integer, .range(5...), ["5", "9223372036854775807"], ["4"], "range"),
        (.integer, .range(...5), ["5", "-9223372036854775808"], ["6"], "range"),
        (.number, .range(0.0...1.0), ["0", "1", "-0.0", "0.999"], ["-0.001", "1.0000000000000002"], "range"),
        (.number, .range(0...), ["0", "1e308"], ["-5e-324"], "range"),
        (
            .string, .length(1...3), [#""a""#, "\"\u{1F600}\u{1F600}\u{1F600}\"", #""e\u0301""#], [#""""#, #""abcd""#],
            "length"
        ),
        (.string, .length(2...), [#""ab""#], [#""a""#], "length"),
        (.bytes, .length(1...2), [#""AA==""#, #""AAA=""#], [#""""#, #""AAAA""#], "length"),
        (.bytes, .length(...0), [#""""#], [#""AA==""#], "length"),
        (.string, .pattern("^a+$"), [#""a""#, #""aaa""#], [#""""#, #""ab""#], "pattern"),
        (.string, .pattern("b"), [#""abc""#], [#""ac""#], "pattern"),
        (.string, .email, [#""a@b.c""#], [#""a""#], "format"),
    ])
    func `a bound belongs to what it allows`(
        _ type: ValueType, _ constraint: Constraint, _ good: [String], _ bad: [String], _ code: String
    ) throws {
        let schema = try schema(type, [constraint])
        for json in good { #expect(Reading.errors(#"{"x":\#(json)}"#, schema) == [], "\(json)") }
        for json in bad { #expect(Reading.errors(#"{"x":\#(json)}"#, schema) == ["\(code) #/x"], "\(json)") }
    }

    @Test(arguments: [
        (ValueType.integer, Constraint.range(1...5), "6", "must be 1 to 5"),
        (.integer, .range(1...), "0", "must be at least 1"), (.integer, .range(...1), "2", "must be at most 1"),
        (.number, .range(0.5...1.5), "2", "must be 0.5 to 1.5"),
        (.string, .length(1...1), #""""#, "must have 1 character"),
        (.string, .length(...1), #""ab""#, "must have at most 1 character"),
        (.string, .length(2...), #""a""#, "must have at least 2 characters"),
        (.bytes, .length(1...3), #""""#, "must have 1 to 3 bytes"),
        (.string, .pattern("^a$"), #""b""#, "must match ^a$"),
    ])
    func `an error says what is allowed`(
        _ type: ValueType, _ constraint: Constraint, _ json: String, _ detail: String
    ) throws {
        let schema = try schema(type, [constraint])
        let problem = try #require(throws: Problem.self) { try Reading.row(#"{"x":\#(json)}"#, schema) }
        #expect(problem.errors.map(\.detail) == [detail])
    }
}
