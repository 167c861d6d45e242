import MartletModel

/// The OpenAPI document's parameters that every resource has.
///
/// Written out where they are used, not referenced: Swagger UI shows a path's referenced parameters without their names.
enum OpenAPIParameter {
    static let ifMatch = ifMatch(isNeeded: false, hasBody: false)

    /// - Parameters:
    ///   - isNeeded: the resource takes no change without a precondition.
    ///   - hasBody: the request's body may have it instead, so it isn't `required`.
    static func ifMatch(isNeeded: Bool, hasBody: Bool) -> JSONValue {
        let parameter = header(
            "If-Match",
            "Only if the record is in one of these versions: entity tags, or `*` for any. Else 412."
                + (!isNeeded ? "" : hasBody ? " Needed, unless the body has `_version`: 428." : " Needed: 428."), tags)
        return isNeeded && !hasBody ? parameter.with([.init("required", true)]) : parameter
    }

    static let ifNoneMatch = header(
        "If-None-Match", "Only if the record is none of these, which the client has: entity tags, or `*`. Else 304.",
        tags)

    static let onlyNew = header(
        "If-None-Match", "`*`: only if there is no record with this key. Else 412.",
        ["type": "string", "enum": ["*"]])

    static let idempotencyKey = header(
        "Idempotency-Key",
        "Names this write: sent again within 24 hours it is answered as the first time, and done once. Bare, or in quotes.",
        ["type": "string", "pattern": .string(idempotencyKeyPattern)])

    /// Not an enumeration: other preferences are no mistake, but ignored (RFC 7240, section 2).
    static let prefer = header(
        "Prefer",
        "What to answer with (RFC 7240): the record, `return=representation`, or nothing of it, `return=minimal`.",
        ["type": "string"])

    /// `*`, or a list of entity tags.
    static let tagsPattern: JSONValue = #"^(?:\*|(?:W/)?"[!#-~]*"(?:, ?(?:W/)?"[!#-~]*")*)$"#

    private static let tags: JSONValue = ["type": "string", "pattern": tagsPattern]

    private static let idempotencyKeyPattern =
        #"^(?:[!#-~](?:[ -~]{0,253}[!-~])?|"(?:[ !#-\[\]-~]|\\["\\]){1,255}")$"#

    private static func header(_ name: String, _ description: String, _ schema: JSONValue) -> JSONValue {
        ["name": .string(name), "in": "header", "description": .string(description), "schema": schema]
    }

    static let requestID: JSONValue = [
        "name": "X-Request-Id", "in": "header",
        "description": "Names the request in the answer and in the log, if it is 1 to 128 of `A-Z a-z 0-9 . _ -`.",
        "schema": ["type": "string"],
    ]
}
