import MartletModel
import Testing

/// What a query's parameter says of a field.
@Suite struct FilterTextTests {
    private static let resource: ResourceSchema = {
        do throws(SchemaError) {
            return try ResourceSchema(
                "things",
                [
                    FieldSchema("id", .integer, [.key(.generated)]), FieldSchema("integer", .integer),
                    FieldSchema("number", .number), FieldSchema("string", .string), FieldSchema("boolean", .boolean),
                    FieldSchema("timestamp", .timestamp), FieldSchema("date", .date), FieldSchema("uuid", .uuid),
                    FieldSchema("bytes", .bytes), FieldSchema("json", .json),
                    FieldSchema("mood", .enumeration, [.values(["glad", "e\u{301}", "so, so"])]),
                    FieldSchema("maybe", .enumeration, [.values(["", "yes"])]),
                    FieldSchema("secret", .string, [.writeOnly]),
                ])
        } catch {
            preconditionFailure("\(error)")
        }
    }()

    /// `ne [(1)]`, or what is wrong.
    private func read(_ field: String, _ operation: FilterOperator, _ text: String) throws -> String {
        let column = try #require(Self.resource.indexByName[field])
        do throws(FieldError) {
            let term = try FilterTerm(column, of: Self.resource, operation, text, parameter: "p")
            #expect(term.column == column)
            return switch term.condition {
            case .compare(let comparison, let value): "\(comparison) \(value)"
            case .oneOf(let values): "in \(values)"
            case .like(let pattern, let ignoringCase): "\(ignoringCase ? "ilike" : "like") \(pattern.pieces)"
            case .isNull(let isNull): "null \(isNull)"
            }
        } catch {
            #expect(error.location == .parameter("p") && error.code == .invalidParameter)
            return error.detail
        }
    }

    @Test(arguments: [
        ("integer", "1", "1"), ("integer", "-9223372036854775808", "-9223372036854775808"), ("integer", "1.0", "1"),
        ("integer", "1e2", "100"), ("integer", "-0", "0"), ("number", "0.1", "0.1"), ("number", "-0.0", "0.0"),
        ("number", "5e-324", "5e-324"), ("number", "1", "1.0"), ("boolean", "true", "true"),
        ("boolean", "false", "false"), ("string", "a,b*\\c", "\"a,b*\\\\c\""), ("string", "", "\"\""),
        ("string", "null", "\"null\""), ("string", " ", "\" \""),
        ("timestamp", "2024-02-29T23:59:59.5+01:00", "2024-02-29T22:59:59.500000Z"),
        ("timestamp", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"), ("date", "9999-12-31", "9999-12-31"),
        ("uuid", "00112233-4455-6677-8899-AABBCCDDEEFF", "x'00112233445566778899aabbccddeeff'"),
        ("bytes", "AP8=", "x'00ff'"), ("bytes", "", "x''"), ("mood", "glad", "\"glad\""),
        ("mood", "e\u{301}", "\"e\u{301}\""), ("maybe", "", "\"\""),
    ])
    func `a value of every type`(_ field: String, _ text: String, _ value: String) throws {
        #expect(try read(field, .equal, text) == "equal [(\(value))]")
        #expect(try read(field, .notEqual, text) == "notEqual [(\(value))]")
    }

    @Test(arguments: [
        ("integer", "", "needs a value"), ("integer", "1.5", "must be an integer"),
        ("integer", "+1", "must be an integer"),
        ("integer", " 1", "must be an integer"), ("integer", "1 ", "must be an integer"),
        ("integer", "01", "must be an integer"),
        ("integer", "-", "must be an integer"), ("integer", "null", "must be an integer"),
        ("integer", "\"1\"", "must be an integer"),
        ("integer", "9223372036854775808", "must be -9223372036854775808 to 9223372036854775807"),
        ("integer", "1e400", "must be -9223372036854775808 to 9223372036854775807"),
        ("number", "1e400", "must be a finite number of 64 bits"), ("number", "NaN", "must be a number"),
        ("number", "Infinity", "must be a number"), ("number", ".5", "must be a number"),
        ("number", "0x10", "must be a number"), ("number", "", "needs a value"),
        ("boolean", "1", "must be true or false"),
        ("boolean", "TRUE", "must be true or false"), ("boolean", "", "needs a value"),
        ("string", "a\u{0}", "must not contain U+0000"), ("mood", "Glad", "must be one of glad, e\u{301}, so, so"),
        ("mood", "\u{E9}", "must be one of glad, e\u{301}, so, so"), ("mood", "", "needs a value"),
        ("maybe", "no", "must be one of , yes"),
    ])
    func `what is no value of the type`(_ field: String, _ text: String, _ detail: String) throws {
        #expect(try read(field, .equal, text) == detail)
        #expect(try read(field, .notEqual, text) == detail)
    }

    @Test(arguments: [
        ("timestamp", "2024-02-29"), ("timestamp", "2024-02-30T00:00:00Z"), ("timestamp", "0000-12-31T00:00:00Z"),
        ("timestamp", "9999-12-31T23:59:59-00:01"), ("timestamp", "2024-01-01T00:00:00 00:00"), ("date", "2023-02-29"),
        ("date", "0000-01-01"), ("date", "10000-01-01"), ("date", "2024-1-1"),
        ("uuid", "00112233445566778899aabbccddeeff"),
        ("uuid", "0"), ("bytes", "AP8"), ("bytes", "!"), ("bytes", "_-8="),
    ])
    func `what has no such form is refused`(_ field: String, _ text: String) throws {
        #expect(try read(field, .equal, text).hasPrefix("must be "))
        #expect(try read(field, .oneOf, text).hasPrefix("must be "))
    }

    @Test(arguments: [
        (FilterOperator.less, "less"), (.lessOrEqual, "lessOrEqual"), (.greater, "greater"),
        (.greaterOrEqual, "greaterOrEqual"),
    ])
    func `a range`(_ operation: FilterOperator, _ name: String) throws {
        #expect(try read("integer", operation, "7") == "\(name) [(7)]")
        #expect(try read("string", operation, "\\,") == "\(name) [(\"\\\\,\")]")
        for field in ["integer", "string", "date", "uuid"] {
            #expect(try read(field, operation, "") == "needs a value")
        }
    }

    @Test func `several values`() throws {
        #expect(try read("integer", .oneOf, "1,1e1,1") == "in [(1), (10), (1)]")
        #expect(try read("string", .oneOf, #"a,,b\,c,\\,\*,*"#) == #"in [("a"), (""), ("b,c"), ("\\"), ("*"), ("*")]"#)
        #expect(try read("mood", .oneOf, #"so\, so,glad"#) == #"in [("so, so"), ("glad")]"#)
        #expect(try read("string", .oneOf, "a,") == #"in [("a"), ("")]"#)
        #expect(try read("integer", .oneOf, "1,") == "value 2 must be an integer")
        #expect(try read("integer", .oneOf, "1,a,2,b") == "value 2 must be an integer, value 4 must be an integer")
        #expect(try read("string", .oneOf, "") == "needs a value")
        #expect(try read("string", .oneOf, #"a\b"#) == #"must not have a \ before anything but , * and \"#)
        #expect(try read("string", .oneOf, "a,b\\") == #"must not have a \ before anything but , * and \"#)
        #expect(try read("string", .oneOf, "a,b\u{0}") == "value 2 must not contain U+0000")
        let most = (1...1000).map(String.init)
        #expect(try read("integer", .oneOf, most.joined(separator: ",")).hasSuffix(", (1000)]"))
        #expect(try read("integer", .oneOf, (most + ["1"]).joined(separator: ",")) == "must have at most 1000 values")
    }

    @Test(arguments: [(FilterOperator.like, "like"), (.likeIgnoringCase, "ilike")])
    func `a pattern`(_ operation: FilterOperator, _ name: String) throws {
        #expect(try read("string", operation, "A*") == #"\#(name) ["A", ""]"#)
        #expect(try read("string", operation, #"\**,\,"#) == #"\#(name) ["*", ",,"]"#)
        #expect(try read("string", operation, "") == "needs a value")
        #expect(try read("string", operation, "\\a") == #"must not have a \ before anything but , * and \"#)
        #expect(try read("string", operation, "a\u{0}*") == "must not contain U+0000")
        #expect(try read("string", operation, String(repeating: "\u{E9}", count: 100)).hasPrefix(name))
        let long = String(repeating: "\u{E9}", count: 100) + "*"
        #expect(try read("string", operation, long) == "must have at most 100 characters")
    }

    @Test func `null or not`() throws {
        for field in ["integer", "json", "string"] {
            #expect(try read(field, .isNull, "true") == "null true")
            #expect(try read(field, .isNull, "false") == "null false")
            for text in ["", "TRUE", "1", "null"] {
                let detail = text.isEmpty ? "needs a value" : "must be true or false"
                #expect(try read(field, .isNull, text) == detail)
            }
        }
    }

    @Test func `operators and orders that a type has`() {
        let names = Self.resource.fields.map { field in
            "\(field.name) \(field.filterOperators.map(\.rawValue).joined(separator: " "))"
                + (field.isSortable ? "" : " unsorted")
        }
        let ordered = "eq ne lt lte gt gte in null"
        #expect(
            names == [
                "id \(ordered)", "integer \(ordered)", "number \(ordered)",
                "string eq ne lt lte gt gte in like ilike null",
                "boolean eq ne null", "timestamp \(ordered)", "date \(ordered)", "uuid \(ordered)",
                "bytes eq ne in null",
                "json null unsorted", "mood eq ne in null", "maybe eq ne in null", "secret  unsorted",
            ])
    }
}
