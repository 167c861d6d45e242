import MartletModel

/// Copies of a book that are kept for a customer.
public struct Reservation: Model, Equatable {
    public var id: Int64
    public var book: Int64
    public var customer: String
    public var copies: Int64

    public init(id: Int64, book: Int64, customer: String, copies: Int64) {
        (self.id, self.book, self.customer, self.copies) = (id, book, customer, copies)
    }

    public static let schema = Schema(
        "reservations",
        Field("id", \.id, .key(.generated)),
        Field("book", \.book, .references("books")),
        Field("customer", \.customer, .length(1...100)),
        Field("copies", \.copies, .range(1...10)),
        build: Reservation.init)
}

/// What a customer says to reserve a book.
public struct ReservationRequest: Model {
    /// The book's key.
    public var id: Int64
    public var customer: String
    public var copies: Int64

    public init(id: Int64, customer: String, copies: Int64 = 1) {
        (self.id, self.customer, self.copies) = (id, customer, copies)
    }

    public static let schema = Schema(
        message: "reservation-request",
        Field("id", \.id),
        Field("customer", \.customer, .length(1...100)),
        Field("copies", \.copies, .range(1...10), .default(1)),
        build: ReservationRequest.init)
}

extension Book {
    /// The key comes from the path, the other fields from the body.
    public static let reserve = Endpoint<ReservationRequest, Reservation>(
        .post, "/books/{id}/reservations", "Reserves copies of a book")
}
