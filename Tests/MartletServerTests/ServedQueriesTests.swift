import MartletKernel
import MartletModel
import Testing

@testable import MartletServer

@Suite struct ServedQueriesTests {
    @Test func `tells what each index serves, and what none does`() throws {
        let tickets = try ResourceSchema(
            "tickets",
            [
                FieldSchema("id", .integer, [.key(.generated)]),
                FieldSchema("number", .string, [.unique(ignoringCase: true)]),
                FieldSchema("code", .string, isNullable: true, [.unique]),
                FieldSchema("status", .enumeration, [.values(["open", "done"])]),
                FieldSchema("createdAt", .timestamp, [.managed(.createdAt)]),
                FieldSchema("secret", .string, [.writeOnly, .indexed]),
                FieldSchema("note", .string, [.indexed]),
                FieldSchema("extra", .json),
            ], indexes: [["status", "createdAt"]])
        let queries = ServedQueries(tickets)
        #expect(
            queries.served == [
                ["id=…, id.in=…", "key", "and any other filter and sort"],
                ["sort=id", "key", "and a range of id"],
                [
                    "number=…, number.in=…, number.ilike=…", "unique (number) ignoring case",
                    "and any other filter and sort",
                ],
                ["code=…, code.in=…", "unique (code)", "and any other filter and sort"],
                ["sort=note", "index (note)", "and a range of note"],
                ["note=…", "index (note)", "and a range of id"],
                ["sort=status,createdAt", "index (status, createdAt)"],
                ["status=…&sort=createdAt", "index (status, createdAt)", "and a range of createdAt"],
                ["status=…&createdAt=…", "index (status, createdAt)", "and a range of id"],
            ])
        #expect(
            queries.unserved
                == "filters by status, createdAt; sorts by number, code, status, createdAt")
    }
}
