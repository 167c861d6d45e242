public import MartletModel

extension MartletClient {
    /// Calls an endpoint of a plugin.
    ///
    /// ```swift
    /// let receipt = try await client.call(Book.reserve, Reservation(id: 7, count: 2))
    /// ```
    ///
    /// What isn't a GET has an idempotency key, and is repeated as ``ResourceClient``'s writes are. That does no harm if the
    /// endpoint's handler gives the key to what it writes.
    /// - Parameter idempotencyKey: a name for this call, 1 to 255 characters of printable ASCII. A GET has none.
    @discardableResult
    public nonisolated(nonsending) func call<Input: Model, Output: Model>(
        _ endpoint: Endpoint<Input, Output>, _ input: Input, idempotencyKey: String? = nil
    ) async throws(MartletError) -> Output {
        try await send(endpoint.description, Input.row(of: input), idempotencyKey, expecting: 200)
            .record(of: Output.self, to: endpoint.description.httpMethod)
    }

    /// Calls an endpoint that answers without content.
    public nonisolated(nonsending) func call<Input: Model>(
        _ endpoint: Endpoint<Input, NoContent>, _ input: Input, idempotencyKey: String? = nil
    ) async throws(MartletError) {
        _ = try await send(endpoint.description, Input.row(of: input), idempotencyKey, expecting: 204)
    }

    private nonisolated(nonsending) func send(
        _ endpoint: EndpointDescription, _ input: RowBatch, _ idempotencyKey: String?, expecting status: Int
    ) async throws(MartletError) -> ClientResponse {
        var request = ClientRequest(
            endpoint.httpMethod, try endpoint.target(input), headers: ["Accept": "application/json"],
            body: endpoint.body(input))
        if request.body != nil { request.headers.set("Content-Type", "application/json") }
        for (column, source) in endpoint.sources.enumerated() {
            guard case .header(let name) = source, let text = input.parameterText(column) else { continue }
            request.headers.set(name, text)
        }
        if !request.method.isSafe, let key = try self.idempotencyKey(idempotencyKey) {
            request.headers.set(Self.idempotencyField, key.fieldValue)
        }
        return try await answer(to: request, expecting: [status])
    }
}

extension EndpointDescription {
    fileprivate var httpMethod: HTTPMethod {
        switch method {
        case .get: .get
        case .post: .post
        case .put: .put
        case .patch: .patch
        case .delete: .delete
        }
    }

    /// Path and query of a request with an input.
    /// - Throws: ``MartletError/invalidRequest(_:)`` for a value that no path can have.
    fileprivate func target(_ input: RowBatch) throws(MartletError) -> String {
        var target = ""
        for segment in path.segments {
            switch segment {
            case .literal(let text): target += "/\(text)"
            case .parameter(let name):
                let text = self.input.indexByName[name].flatMap { input.parameterText($0) } ?? ""
                // Empty, it would be another path; the others are taken out of a path (RFC 3986, section 5.2.4).
                guard !["", ".", ".."].contains(text) else {
                    throw .invalidRequest("\(name) is \(text.debugDescription), which no path can have")
                }
                target += "/\(PercentEncoding.encode(text.utf8))"
            }
        }
        let query = zip(self.input.messageFields, sources).enumerated().compactMap { column, field -> String? in
            guard field.1 == .query, let text = input.parameterText(column) else { return nil }
            return "\(field.0.name)=\(PercentEncoding.encode(text.utf8))"
        }
        return query.isEmpty ? target : "\(target)?\(query.joined(separator: "&"))"
    }

    /// As a JSON object; nil for an endpoint that takes no body.
    fileprivate func body(_ input: RowBatch) -> [UInt8]? {
        guard takesBody else { return nil }
        var members = input
        for (column, source) in sources.enumerated() where source != .body {
            members.set(row: 0, column: column, to: .absent)
        }
        var writer = JSONWriter()
        writer.write(request: 0, of: members, self.input)
        return writer.withBytes { Array($0) }
    }
}

extension RowBatch {
    /// The first row's value in a column as a path, a query or a header field has it; nil for null, which is left out there.
    fileprivate func parameterText(_ column: Int) -> String? {
        self[0, column].isNull ? nil : operandText(0, column)
    }
}
