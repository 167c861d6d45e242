/// Why the server can't listen where it is told to.
struct ListenError: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ address: ListenAddress, _ reason: String) {
        description = "can't listen on \(address): \(reason)"
    }
}
