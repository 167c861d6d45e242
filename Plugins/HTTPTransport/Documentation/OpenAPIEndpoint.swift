import MartletKernel
import MartletModel

/// The OpenAPI document's part about a plugin's endpoint.
struct OpenAPIEndpoint {
    private let route: Route
    private let resources: [ResourceSchema]
    private let names: OpenAPINames

    init(_ route: Route, _ resources: [ResourceSchema], _ names: OpenAPINames) {
        self.route = route
        self.resources = resources
        self.names = names
    }

    private var endpoint: EndpointDescription { route.endpoint }

    /// - Parameter ids: of the operations so far; gets that of this one. Different paths may be the same without punctuation.
    func description(_ ids: inout Set<String>) -> OpenAPIRoute {
        let isWrite = endpoint.method != .get
        var (uniqueID, number) = (id, 2)
        while !ids.insert(uniqueID).inserted {
            uniqueID = "\(id)_\(number)"
            number += 1
        }
        // A resource's path has parameters of its own, which the operation's take the place of.
        let operation = OpenAPIOperation(
            id: uniqueID, summary: endpoint.summary, tag: tag,
            parameters: parameters + (isWrite ? [OpenAPIParameter.idempotencyKey] : []),
            requestBody: body, answers: [answer],
            problems: (endpoint.takesBody ? [413, 415] : []) + (route.streamedType == nil ? [406] : [])
                + (isWrite ? [409, 504, 507] : []) + [404, 422])
        return OpenAPIRoute(operations: [(endpoint.method.rawValue.lowercased(), operation)])
    }

    /// `POST /books/{id}/reservations` is `post_books_id_reservations`.
    private var id: String {
        let words = endpoint.path.segments.map { segment in
            switch segment {
            case .literal(let text): text
            case .parameter(let name): name
            }
        }
        return ([endpoint.method.rawValue.lowercased()] + words).joined(separator: "_")
            .replacing("-", with: "_").replacing(".", with: "_").replacing("~", with: "_")
    }

    /// Tools show it beside the resource that its path begins with.
    private var tag: String {
        if case .literal(let text)? = endpoint.path.segments.first { text } else { OpenAPIServer.tag }
    }

    private var parameters: [JSONValue] {
        zip(endpoint.input.messageFields, endpoint.sources).compactMap { field, source in
            let location: (name: String, in: JSONValue)
            switch source {
            case .path: location = (field.name, "path")
            case .query: location = (field.name, "query")
            case .header(let name): location = (name, "header")
            case .body: return nil
            }
            var members: [JSONValue.Member] = [.init("name", .string(location.name)), .init("in", location.in)]
            if field.isRequired || source == .path { members.append(.init("required", true)) }
            return .object(members + [.init("schema", OpenAPIField(field).parameterSchema)])
        }
    }

    private var body: JSONValue? {
        let fields = zip(endpoint.input.messageFields, endpoint.sources).filter { $0.1 == .body }.map(\.0)
        guard !fields.isEmpty else { return nil }
        let writable = fields.filter { !$0.isReadOnly }
        let schema = object(writable, required: writable.filter(\.isRequired))
        return ["required": true, "content": ["application/json": ["schema": schema]]]
    }

    private var answer: OpenAPIAnswer {
        if let type = route.streamedType {
            return OpenAPIAnswer(
                status: 200, description: "The content, piece by piece.", headers: ["Cache-Control", "Vary"],
                schema: ["type": "string"], mediaType: type)
        }
        let output = endpoint.output
        guard output !== NoContent.schema.resource else {
            return OpenAPIAnswer(status: 204, description: "Done.", headers: ["Cache-Control", "Vary"])
        }
        let isServed = resources.contains { $0 === output }
        let shown = output.messageFields.filter { !$0.isWriteOnly }
        return OpenAPIAnswer(
            status: 200, description: "Done.", headers: ["Cache-Control", "Vary"],
            schema: isServed ? reference("schemas", names.schema(output)) : object(shown, required: shown))
    }

    private func object(_ fields: [FieldSchema], required: [FieldSchema]) -> JSONValue {
        var members: [JSONValue.Member] = [.init("type", "object")]
        if !required.isEmpty { members.append(.init("required", .array(required.map { .string($0.name) }))) }
        let properties = fields.map { JSONValue.Member($0.name, OpenAPIField($0).schema) }
        return .object(members + [.init("properties", .object(properties)), .init("additionalProperties", false)])
    }
}
