import BookshopModel
import MartletKernel
import MartletModel

/// Keeps copies of books for customers. The input was checked by its schema when the handler gets it.
public struct Reservations: Plugin {
    public static let id: PluginID = "resources.reservations"
    public static let summary = "Copies of books that are kept for customers."
    public static var contributes: [any CapabilityDescription] { [Capability.resources, Capability.routes] }

    public init(from context: inout PluginContext) throws {
        try context.contribute(.resources, Reservation.schema.resource)
        try context.contribute(
            .routes,
            Route(Book.reserve) { input, request throws(Problem) in
                do throws(Problem) {
                    // The storage makes the key. A request that is repeated under its Idempotency-Key gets the first record.
                    return try await request.insert(
                        Reservation(id: 0, book: input.id, customer: input.customer, copies: input.copies))
                } catch {
                    guard error.errors.contains(where: { $0.code == .reference }) else { throw error }
                    throw Problem(.notFound, "There is no book with this key.")
                }
            })
    }
}
