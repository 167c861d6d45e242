import Testing

@testable import MartletTesting

/// Whether the contract and the random operations find what is wrong with a storage. A clause that holds for all of
/// these would hold for anything.
@Suite(.serialized) struct StorageContractSelfTests {
    @Test(arguments: Fault.ofRecords)
    func `a faulty storage breaks a clause`(_ fault: Fault) async {
        for clause in StorageContract.records where await breaks(clause, fault) { return }
        Issue.record("no clause minds that a storage \(fault.testDescription)")
    }

    @Test(arguments: Fault.ofQueries)
    func `a storage with faulty lists breaks a clause about them`(_ fault: Fault) async {
        for clause in StorageContract.queries where await breaks(clause, fault) { return }
        Issue.record("no clause minds that a storage \(fault.testDescription)")
    }

    @Test(arguments: StorageContract.records)
    func `a clause is broken by a faulty storage`(_ clause: StorageContract.Clause) async {
        for fault in Fault.ofRecords where await breaks(clause, fault) { return }
        Issue.record("no faulty storage breaks it")
    }

    @Test(arguments: StorageContract.queries)
    func `a clause about lists is broken by a storage with faulty ones`(_ clause: StorageContract.Clause) async {
        for fault in Fault.ofQueries where await breaks(clause, fault) { return }
        Issue.record("no faulty storage breaks it")
    }

    @Test(arguments: StorageContract.durabilityClauses)
    func `a storage that forgets breaks every clause about durability`(_ clause: StorageContract.Clause) async {
        await #expect(throws: ContractViolation.self) {
            try await clause.check { MemoryStorage() }
        }
    }

    @Test func `clauses have different names`() {
        let names = (StorageContract.clauses + StorageContract.durabilityClauses).map(\.name)
        #expect(Set(names).count == names.count)
    }

    private func breaks(_ clause: StorageContract.Clause, _ fault: Fault) async -> Bool {
        // There are thousands of these, and none waits for anything: others want their turn.
        await Task.yield()
        do {
            try await clause.check(fault.make)
            return false
        } catch {
            return true
        }
    }
}
