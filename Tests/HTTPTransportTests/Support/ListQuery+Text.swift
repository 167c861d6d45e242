import MartletKernel
import MartletModel
import MartletTesting
import UsersModel

@testable import HTTPTransport

extension ListQuery {
    static let users = User.schema.resource

    /// What a query means for a list of a resource.
    static func read(_ query: String, of schema: ResourceSchema = users) -> ListQuery {
        let application = Application(resources: [schema], storage: MemoryStorage())
        return Array(query.utf8).withUnsafeBytes { query in
            ListQuery(
                query, of: ServedResource(schema, basePath: ""), application,
                origin: "GET /\(schema.name)")
        }
    }
}
