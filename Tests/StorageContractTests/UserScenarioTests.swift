import Backends
import MartletKernel
import MartletModel
import MartletTesting
import Testing
import UserScenarios
import UsersModel

@Suite struct UserScenarioTests {
    @Test(arguments: Backend.all, Scenario.all)
    func `users in this process`(_ backend: Backend, _ scenario: Scenario) async throws {
        let folder = try TemporaryFolder()
        let storage = try await backend.storage(in: folder.path)
        try await storage.prepare([User.schema.resource])
        let application = Application(resources: [User.schema.resource], storage: storage)
        do {
            try await scenario.run(UsersAPI(application))
            await storage.close()
        } catch {
            await storage.close()
            throw error
        }
    }
}
