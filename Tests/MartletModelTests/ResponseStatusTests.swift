import MartletModel
import Testing

struct ResponseStatusTests {
    @Test func `every problem that this version sends has a status of its own words`() {
        for code in ProblemCode.all {
            let status = ResponseStatus(rawValue: code.status)
            #expect(status != nil && Problem.title(of: code.status) == status?.reasonPhrase)
        }
        #expect(Problem.title(of: 418) == "Error")
    }

    @Test func `reason phrases are visible characters, and no two are the same`() {
        let phrases = ResponseStatus.allCases.map(\.reasonPhrase)
        #expect(Set(phrases).count == phrases.count)
        for phrase in phrases { #expect(phrase.utf8.allSatisfy { 0x20...0x7E ~= $0 } && !phrase.isEmpty) }
    }
}
