import Testing

@testable import PostgresStorage

@Suite struct PreparationsTests {
    private static let statement = Statement(id: 1, sql: "SELECT 1", types: [])

    @Test(arguments: [true, false])
    func `what is forgotten is dropped once, if the server has it`(isGone: Bool) {
        var preparations = Preparations(ids: 2)
        let number = preparations.add(Self.statement)
        for _ in 0..<2 { preparations.forget(1, number, isGone: isGone) }
        #expect(preparations.number(of: Self.statement) == 0)
        #expect(preparations.takeOutdated() == (isGone ? [] : [number]))
    }

    @Test func `an answer that comes late forgets nothing newer, nor what is prepared nowhere`() {
        var preparations = Preparations(ids: 2)
        let old = preparations.add(Self.statement)
        preparations.forget(1, old, isGone: true)
        let new = preparations.add(Self.statement)
        preparations.forget(1, old, isGone: false)
        preparations.forget(Statement.unprepared, 0, isGone: false)
        #expect(preparations.number(of: Self.statement) == new)
        #expect(preparations.takeOutdated().isEmpty)
    }
}
