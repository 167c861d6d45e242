import MartletModel

/// The operations of one resource's routes.
struct OpenAPIOperations {
    private let resource: ResourceSchema
    private let names: OpenAPINames
    private let record: JSONValue
    private let listParameters: OpenAPIListParameters

    /// - Parameter references: what of the resource can be expanded.
    init(_ resource: ResourceSchema, _ names: OpenAPINames, references: [String]) {
        self.resource = resource
        self.names = names
        record = reference("schemas", names.schema(resource))
        listParameters = OpenAPIListParameters(resource, references: references)
    }

    var list: OpenAPIRoute {
        OpenAPIRoute(operations: [
            (
                "get",
                list(
                    "list", "List records: filtered, sorted, page by page",
                    schema: records(from: 0, to: ListQuery.maxLimit, of: listed))
            ),
            ("head", list("headList", "The headers of the list", schema: nil)),
            ("options", options("optionsList")),
        ])
    }

    var creation: OpenAPIRoute { OpenAPIRoute(operations: [("post", create)]) }

    var reading: OpenAPIRoute {
        record(
            (
                "get",
                read("get", "Read a record", "The record.", schema: listParameters.expand.isEmpty ? record : listed)
            ),
            ("head", read("head", "The headers of a record", "The record is there.", schema: nil)),
            ("options", options("options", parameters: [anyKey])))
    }

    var replacement: OpenAPIRoute { record(("put", replace)) }
    var change: OpenAPIRoute { record(("patch", patch)) }
    var deletion: OpenAPIRoute { record(("delete", delete)) }

    private func record(_ operations: (String, OpenAPIOperation)...) -> OpenAPIRoute {
        OpenAPIRoute(
            pathParameters: [
                [
                    "name": .string(resource.key.name), "in": "path", "required": true,
                    "description": "The record's key.", "schema": OpenAPIField(resource.key).schema,
                ]
            ],
            operations: operations)
    }

    /// OPTIONS asks about the path: a key isn't looked at.
    private var anyKey: JSONValue {
        [
            "name": .string(resource.key.name), "in": "path", "required": true, "description": "Any record's key.",
            "schema": ["type": "string", "minLength": 1],
        ]
    }

    private static let dataHeaders = ["Cache-Control", "Vary"]

    /// A record, or the part of it that `fields` asks for, with the records that `expand` asks for.
    private var listed: JSONValue {
        ["anyOf": [record, reference("schemas", names.schema(resource, .part))]]
    }

    private func operation(
        _ id: String, _ summary: String, parameters: [JSONValue] = [], body: JSONValue? = nil,
        answers: [OpenAPIAnswer], problems: [Int]
    ) -> OpenAPIOperation {
        OpenAPIOperation(
            id: names.operation(resource, id), summary: summary, tag: resource.name, parameters: parameters,
            requestBody: body, answers: answers, problems: problems)
    }

    /// An array of records, or of what makes them.
    private func records(from least: Int, to most: Int, of schema: JSONValue? = nil) -> JSONValue {
        var members: [JSONValue.Member] = [.init("type", "array"), .init("items", schema ?? record)]
        if least > 0 { members.append(.init("minItems", .integer(least))) }
        return .object(members + [.init("maxItems", .integer(most))])
    }
}

// MARK: - Reading

extension OpenAPIOperations {
    private func list(_ id: String, _ summary: String, schema: JSONValue?) -> OpenAPIOperation {
        operation(
            id, summary, parameters: listParameters.json,
            answers: [
                OpenAPIAnswer(
                    status: 200, description: schema == nil ? "The page is there." : "A page of records.",
                    headers: ["Link", "X-Total-Count"] + Self.dataHeaders, schema: schema)
            ], problems: [406])
    }

    private func read(_ id: String, _ summary: String, _ description: String, schema: JSONValue?) -> OpenAPIOperation {
        let headers = ["ETag"] + Self.dataHeaders
        return operation(
            id, summary,
            parameters: [OpenAPIParameter.ifMatch, OpenAPIParameter.ifNoneMatch] + listParameters.expand,
            answers: [
                OpenAPIAnswer(status: 200, description: description, headers: headers, schema: schema),
                OpenAPIAnswer(status: 304, description: "The client has this record already.", headers: headers),
            ], problems: [404, 406, 412])
    }

    private func options(_ id: String, parameters: [JSONValue] = []) -> OpenAPIOperation {
        operation(
            id, "Which methods there are", parameters: parameters,
            answers: [OpenAPIAnswer(status: 204, description: "See Allow.", headers: ["Allow"])], problems: [])
    }
}

// MARK: - Writing

extension OpenAPIOperations {
    private static let writeProblems = [406, 409, 422, 504, 507]
    private static let bodyProblems = [413, 415] + writeProblems

    /// Where the record has to be there already.
    private var changeProblems: [Int] { [404, 412] + (resource.requiresPreconditions ? [428] : []) }
    private var writeParameters: [JSONValue] { [OpenAPIParameter.idempotencyKey, OpenAPIParameter.prefer] }

    private func changeParameters(hasBody: Bool = true) -> [JSONValue] {
        [OpenAPIParameter.ifMatch(isNeeded: resource.requiresPreconditions, hasBody: hasBody)] + writeParameters
    }

    private func body(_ role: OpenAPINames.Role, isPatch: Bool = false) -> JSONValue {
        let content: JSONValue = ["schema": reference("schemas", names.schema(resource, role))]
        var types: [JSONValue.Member] = [.init("application/json", content)]
        if isPatch { types.append(.init("application/merge-patch+json", content)) }
        return ["required": true, "content": .object(types)]
    }

    private var create: OpenAPIOperation {
        let new = reference("schemas", names.schema(resource, .create))
        return operation(
            "create", "Create a record, or several: all or none", parameters: writeParameters,
            body: [
                "required": true,
                "content": [
                    "application/json": ["schema": ["oneOf": [new, records(from: 1, to: NewRecords.limit, of: new)]]]
                ],
            ],
            answers: [
                OpenAPIAnswer(
                    status: 201,
                    description: "The record; of an array the records in their order, without Location and ETag. "
                        + "Empty if `return=minimal` is preferred.",
                    headers: ["Location", "ETag", "Preference-Applied"] + Self.dataHeaders,
                    schema: ["oneOf": [record, records(from: 1, to: NewRecords.limit)]])
            ], problems: Self.bodyProblems)
    }

    private var replace: OpenAPIOperation {
        let headers = ["Content-Location", "ETag", "Preference-Applied"] + Self.dataHeaders
        var answers = [
            OpenAPIAnswer(status: 200, description: "The record as it is now.", headers: headers, schema: record),
            OpenAPIAnswer(
                status: 204, description: "Done; `return=minimal` is preferred.",
                headers: ["Content-Location", "Preference-Applied"] + Self.dataHeaders),
        ]
        var parameters = changeParameters()
        let isCreating = resource.key.key == .assigned
        if isCreating {
            parameters.insert(OpenAPIParameter.onlyNew, at: 1)
            answers.insert(
                OpenAPIAnswer(
                    status: 201,
                    description: "The record was not there and is now. Empty if `return=minimal` is preferred.",
                    headers: ["Location", "ETag", "Preference-Applied"] + Self.dataHeaders, schema: record),
                at: 1)
        }
        return operation(
            "replace", isCreating ? "Create or replace a record" : "Replace a record", parameters: parameters,
            body: body(.replace), answers: answers, problems: changeProblems + Self.bodyProblems)
    }

    private var patch: OpenAPIOperation {
        let headers = ["ETag", "Preference-Applied"] + Self.dataHeaders
        return operation(
            "update", "Change a part of a record", parameters: changeParameters(), body: body(.patch, isPatch: true),
            answers: [
                OpenAPIAnswer(status: 200, description: "The record as it is now.", headers: headers, schema: record),
                OpenAPIAnswer(status: 204, description: "Done; `return=minimal` is preferred.", headers: headers),
            ], problems: changeProblems + Self.bodyProblems)
    }

    private var delete: OpenAPIOperation {
        let headers = ["Preference-Applied"] + Self.dataHeaders
        return operation(
            "delete", "Delete a record", parameters: changeParameters(hasBody: false),
            answers: [
                OpenAPIAnswer(
                    status: 200, description: "The record as it was; `return=representation` is preferred.",
                    headers: headers, schema: record),
                OpenAPIAnswer(status: 204, description: "The record is gone.", headers: headers),
            ], problems: changeProblems + Self.writeProblems)
    }
}
