import MartletModel

/// The OpenAPI 3.1 description of what this transport serves: every route, parameter, header, schema and problem.
///
/// It is made from the schemas alone, so that it can't say anything else than what the server does.
struct OpenAPIDocument {
    /// Sorted by name, so that the document is the same at each start.
    private let resources: [ResourceSchema]
    private let names: OpenAPINames
    private let byName: [String: ResourceSchema]
    private let title: String

    init(_ resources: some Sequence<ResourceSchema>, title: String) {
        self.resources = resources.sorted { $0.name < $1.name }
        byName = Dictionary(self.resources.map { ($0.name, $0) }) { first, _ in first }
        names = OpenAPINames(self.resources)
        self.title = title
    }

    var json: JSONValue {
        let described = resources.map { OpenAPIResource($0, names, among: byName) }
        let batch = OpenAPIBatch(resources, names)
        return [
            "openapi": "3.1.0",
            "info": [
                "title": .string(title),
                "version": "1.0.0",
                "description": .string(Self.introduction),
            ],
            // Relative to the document, so that it is right behind a proxy that takes a prefix off the path, too.
            "servers": [["url": "."]],
            "tags": .array(
                resources.map { ["name": .string($0.name)] } + [
                    ["name": .string(OpenAPIServer.tag), "description": "The server itself."]
                ]),
            "paths": .object(described.flatMap(\.paths) + [batch.path] + OpenAPIServer.paths),
            "components": [
                "schemas": .object(described.flatMap(\.schemas) + batch.schemas + OpenAPIProblem.schemas),
                "responses": .object(OpenAPIProblem.responses),
                "headers": .object(OpenAPIHeader.components),
            ],
        ]
    }

    private static let introduction = """
        JSON is UTF-8 and strict (RFC 8259). Every failure is a problem (RFC 9457) with a stable `code`; all errors of a \
        body come at once. A list is filtered and sorted by its parameters, which join with AND, \(Filter.mostTerms) at the most, and comes in \
        pages: follow the `Link` with `rel="next"` (RFC 8288) until there is none. \
        Each record has a version, which its `ETag` tells and `If-Match` asks for, so that no change is lost. A write under \
        an `Idempotency-Key` can be sent again.
        """
}

/// A `$ref` into the components.
func reference(_ kind: String, _ name: String) -> JSONValue {
    ["$ref": .string("#/components/\(kind)/\(name)")]
}

extension JSONValue {
    /// This object with further members behind its own.
    func with(_ members: [Member]) -> JSONValue {
        .object((self.members ?? []) + members)
    }
}
