import MartletKernel
import MartletModel
import MartletTesting
import Testing

@testable import MartletSQL

@Suite struct QueryShapeTests {
    @Test func `queries of one shape have one text, and as many parameters as places for them`() throws {
        var random = SplitMix64(seed: TestSeed.forRun(of: "QueryShapeTests"))
        var texts: [QueryShape: String] = [:]
        for _ in 0..<3000 {
            let list = try randomList(&random)
            for dialect in [SQLDialect.sqlite, .postgres] {
                for query in [
                    SQLQuery(list, of: Person.schema, ordinal: 0, dialect),
                    SQLQuery(counting: list.filter, of: Person.schema, ordinal: 0, dialect),
                ] {
                    let text = query.text()
                    #expect(texts.updateValue(text, forKey: query.shape) ?? text == text)
                    #expect(numbers(in: text, dialect) == Array(1..<query.parameters.count + 1), "\(text)")
                }
            }
        }
    }

    @Test func `what decides the text decides the shape`() throws {
        let list = Query.List(
            try Person.filter(("age", .greater, "1")), order: Person.order("name"),
            after: Person.place(.text("x"), .integer(1)), limit: 5)
        func shape(_ list: Query.List, ordinal: Int = 0) -> QueryShape {
            SQLQuery(list, of: Person.schema, ordinal: ordinal, .sqlite).shape
        }
        var (other, others) = (list, [shape(list, ordinal: 1)])
        other.limit = 6
        other.filter = try Person.filter(("age", .greater, "2"))
        other.after = Person.place(.text("y"), .integer(2))
        #expect(shape(other) == shape(list))
        other.after = nil
        others.append(shape(other))
        other.columns = [0]
        others.append(shape(other))
        other.order = Person.order("-name")
        others.append(shape(other))
        #expect(Set(others + [shape(list)]).count == 5)
        let ten = SQLQuery(Query.List(order: [], limit: 10), of: Person.schema, ordinal: 0, .postgres)
        let nine = SQLQuery(Query.List(order: [], limit: 9), of: Person.schema, ordinal: 0, .postgres)
        #expect(ten.shape != nine.shape)
    }

    @Test func `the least recently used goes`() {
        var cache = RecentlyUsed<Int, String>(capacity: 2)
        #expect(cache.insert("one", for: 1) == nil)
        #expect(cache.insert("two", for: 2) == nil)
        #expect(cache.value(for: 1) == "one")
        #expect(cache.insert("three", for: 3) == "two")
        #expect(cache.value(for: 2) == nil)
        #expect(cache.insert("uno", for: 1) == "one")
        #expect(cache.count == 2)
    }

    // MARK: - Random queries

    private func randomList(_ random: inout SplitMix64) throws -> Query.List {
        let names = ["id", "name", "email", "age", "status", "createdAt"]
        let clauses = try (0..<Int.random(in: 0...3, using: &random)).map { _ in
            try (0..<Int.random(in: 1...2, using: &random)).map { _ in try randomTerm(&random) }
        }
        let sorted = (0..<Int.random(in: 0...3, using: &random)).map { _ in
            (Bool.random(using: &random) ? "-" : "") + names[Int.random(in: 0..<names.count, using: &random)]
        }
        let terms = sorted.map { name in
            SortTerm(Person.column(name.filter { $0 != "-" }), isDescending: name.hasPrefix("-"))
        }
        let order = Person.schema.totalOrder(terms)
        var place = RowBatch(width: order.count)
        for term in order {
            if Person.schema.fields[term.column].isNullable, Bool.random(using: &random) {
                place.append(.null)
            } else {
                let value = try Person.term(
                    Person.schema.fields[term.column].name, .equal, randomText(term.column, &random))
                if case .compare(_, let cell) = value.condition { place.append(cell[0, 0], of: cell) }
            }
        }
        return Query.List(
            Filter(clauses), order: order, after: Bool.random(using: &random) ? place : nil,
            limit: Int.random(in: 0...2, using: &random), columns: Bool.random(using: &random) ? [0, 6] : nil)
    }

    private func randomTerm(_ random: inout SplitMix64) throws -> FilterTerm {
        let column = Int.random(in: 0..<Person.schema.fields.count, using: &random)
        let field = Person.schema.fields[column]
        let operators = field.filterOperators
        let operation = operators[Int.random(in: 0..<operators.count, using: &random)]
        let text =
            switch operation {
            case .isNull: Bool.random(using: &random) ? "true" : "false"
            case .oneOf:
                (0..<Int.random(in: 1...5, using: &random)).map { _ in randomText(column, &random) }
                    .joined(separator: ",")
            case .like, .likeIgnoringCase:
                ["b*", "*", "*b", "b*c", "b", "\u{10FFFF}*"][Int.random(in: 0..<6, using: &random)]
            default: randomText(column, &random)
            }
        return try Person.term(field.name, operation, text)
    }

    private func randomText(_ column: Int, _ random: inout SplitMix64) -> String {
        let number = Int.random(in: 1...3, using: &random)
        return switch Person.schema.fields[column].type {
        case .string: ["a", "b", "c"][number - 1]
        case .enumeration: ["open", "done"][number % 2]
        case .timestamp: "2026-01-0\(number)T00:00:00Z"
        default: String(number)
        }
    }

    /// The parameters of a statement, each once.
    private func numbers(in text: String, _ dialect: SQLDialect) -> [Int] {
        let sign: Character = dialect == .sqlite ? "?" : "$"
        return Set(text.split(separator: sign).dropFirst().compactMap { Int($0.prefix { $0.isNumber }) }).sorted()
    }
}
