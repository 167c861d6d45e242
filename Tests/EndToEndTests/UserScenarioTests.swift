import MartletClient
import MartletTesting
import Testing
import UserScenarios

/// The same scenarios as in this process, through client, HTTP and each database.
@Suite struct UserScenarioTests {
    @Test(arguments: LiveServer.Configuration.all, Scenario.all)
    func `users on a server`(_ configuration: LiveServer.Configuration, _ scenario: Scenario) async throws {
        let server = try await LiveServer(configuration: configuration)
        try await scenario.run(UsersAPI(MartletClient(server.url)))
        #expect(try await server.terminate() == .exited(0))
    }
}
