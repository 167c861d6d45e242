import MartletModel

/// Something that a user does with users, and what comes of it: the same over every way and on every storage. It begins
/// without any user.
public struct Scenario: Sendable, CustomStringConvertible {
    public let description: String
    /// - Throws: ``ScenarioFailure``, and what the API throws.
    public let run: @Sendable (UsersAPI) async throws -> Void

    init(_ description: String, run: @escaping @Sendable (UsersAPI) async throws -> Void) {
        self.description = description
        self.run = run
    }

    public static let all = single + several
}

// MARK: - Expecting

func expect<Value: Equatable>(_ actual: Value, _ expected: Value, _ what: String) throws(ScenarioFailure) {
    guard actual == expected else {
        throw ScenarioFailure("\(what)\n  expected: \(expected)\n  got:      \(actual)")
    }
}

/// The call is refused with this code, and the errors of these fields.
func expectProblem(
    _ code: ProblemCode, _ errors: [String] = [], _ call: () async throws -> some Any
) async throws {
    do {
        throw ScenarioFailure("\(code.rawValue) was expected, got \(try await call())")
    } catch let problem as Problem {
        try expect(problem.code.rawValue, code.rawValue, "the problem's code (\(problem.detail))")
        try expect(problem.status, code.status, "its status")
        let found = problem.errors.map { error -> String in
            if case .pointer(let pointer) = error.location { "\(pointer) \(error.code.rawValue)" } else { "no pointer" }
        }
        try expect(found, errors, "the errors of its fields")
    }
}
