/// The pages that describe the interface.
struct Documentation: Sendable {
    /// The page at a path, which is given below the base path and decoded: `/openapi.json`.
    func page(for path: String) -> StaticPage? {
        nil
    }
}
