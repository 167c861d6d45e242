import MartletModel

/// The OpenAPI 3.1 description of what this transport serves: every route, parameter, header, schema and problem.
///
/// It is made from the route table and the schemas, so that it can't say anything else than what the server does.
struct OpenAPIDocument {
    let routes: [HTTPRoute]
    let resources: [OpenAPIResource]
    let title: String

    var json: JSONValue {
        [
            "openapi": "3.1.0",
            "info": [
                "title": .string(title),
                "version": "1.0.0",
                "description": .string(Self.introduction),
            ],
            // Relative to the document, so that it is right behind a proxy that takes a prefix off the path, too.
            "servers": [["url": "."]],
            "tags": .array(
                tags.map { tag in
                    tag == OpenAPIServer.tag
                        ? ["name": .string(tag), "description": "The server itself."] : ["name": .string(tag)]
                }),
            "paths": .object(paths),
            "components": [
                "schemas": .object(
                    resources.flatMap(\.schemas) + routes.flatMap { $0.description?.schemas ?? [] }
                        + OpenAPIProblem.schemas),
                "responses": .object(OpenAPIProblem.responses),
                "headers": .object(OpenAPIHeader.components),
            ],
        ]
    }

    /// In the order of the routes.
    private var tags: [String] {
        var tags: [String] = []
        for operation in routes.flatMap({ $0.description?.operations ?? [] })
        where !tags.contains(operation.operation.tag) {
            tags.append(operation.operation.tag)
        }
        return tags
    }

    /// Routes of the same path are one item.
    private var paths: [JSONValue.Member] {
        var (order, items): ([String], [String: [JSONValue.Member]]) = ([], [:])
        for route in routes {
            guard let description = route.description else { continue }
            let path = route.path.description
            if items[path] == nil {
                order.append(path)
                let parameters = description.pathParameters + [OpenAPIParameter.requestID]
                items[path] = [.init("parameters", .array(parameters))]
            }
            items[path, default: []] += description.operations.map { .init($0.method, $0.operation.json) }
        }
        return order.map { .init($0, .object(items[$0] ?? [])) }
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
