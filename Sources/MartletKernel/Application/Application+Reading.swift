import MartletModel

extension Application {
    func record(
        _ key: Key, of resource: ResourceSchema, expanding expansions: [Expansion]
    ) async throws(Problem) -> Outcome {
        let rows = try await rows(for: Query(resource, .key(key)))
        guard rows.count == 1 else { throw Problem(.notFound, "No record of \(resource.name) has this key.") }
        return .record(rows, embedded: expansions.isEmpty ? [] : try await embedded(expansions, in: rows))
    }

    func page(_ request: ListRequest) async throws(Problem) -> Outcome {
        let order = request.order
        var rows = try await rows(for: query(request, order))
        var page = Page(rows)
        if rows.count > request.limit {
            rows.removeLastRow()
            page = try self.page(of: rows, order, request)
        }
        if request.isCounted { page.total = try await total(of: page, request) }
        if !request.expansions.isEmpty { page.embedded = try await embedded(request.expansions, in: page.rows) }
        return .page(page)
    }

    func rows(for query: Query) async throws(Problem) -> RowBatch {
        do throws(StorageError) {
            return try await storage.rows(for: query)
        } catch {
            var problem = Problem(error)
            if error == .deadlineExceeded, !query.isBounded {
                problem.detail = "It took longer than allowed: no index serves this filter and sort."
            }
            throw problem
        }
    }

    private func query(_ request: ListRequest, _ order: [SortTerm]) -> Query {
        let resource = request.resource
        // One row more than asked for tells whether there is a next page.
        let limit = request.limit + 1
        if request.filter.clauses.isEmpty, request.columns == nil, order == [SortTerm(resource.keyIndex)] {
            let key = request.after.flatMap { Key($0[0, 0], of: $0) }
            return Query(resource, .page(after: key, limit: limit), origin: request.origin)
        }
        // What the next page begins after is read too, and the references that lead on.
        let columns = request.columns.map { columns in
            Set(columns + order.map(\.column) + request.expansions.map(\.column)).sorted()
        }
        let list = Query.List(
            request.filter, order: order, after: request.after, limit: limit, columns: columns)
        return Query(resource, .list(list), origin: request.origin)
    }

    /// A page with another behind it. It ends at a row whose values a URL can hold, so it may be shorter than asked for.
    private func page(of rows: RowBatch, _ order: [SortTerm], _ request: ListRequest) throws(Problem) -> Page {
        var rows = rows
        while !rows.isEmpty {
            let next = rows.place(ofRow: rows.count - 1, in: order)
            if next.heap.count <= Page.mostBytesOfNext { return Page(rows, next: next) }
            rows.removeLastRow()
        }
        let names = request.sort.map { request.resource.fields[$0.column].name }.joined(separator: ", ")
        let detail = "leads to values of more than \(Page.mostBytesOfNext) bytes, behind which no page can begin"
        throw Problem(
            .invalidParameter, "The records can't be paged by \(names).",
            errors: [FieldError(at: .parameter("sort"), .invalidParameter, detail)])
    }

    private func total(of page: Page, _ request: ListRequest) async throws(Problem) -> Int {
        if request.after == nil, page.next == nil { return page.rows.count }
        let query = Query(request.resource, .count(request.filter), origin: request.origin)
        let rows = try await rows(for: query)
        return rows.isEmpty ? 0 : Int(rows[0, 0].integer ?? 0)
    }

    /// What references lead to, in one query for each.
    private func embedded(
        _ expansions: [Expansion], in rows: RowBatch
    ) async throws(Problem) -> [EmbeddedRecords] {
        var embedded: [EmbeddedRecords] = []
        for expansion in expansions {
            let target = expansion.target
            let keys = Set((0..<rows.count).compactMap { Key(rows[$0, expansion.column], of: rows) }).sorted()
            var found = RowBatch(width: target.width)
            if !keys.isEmpty {
                var values = RowBatch(width: 1, reservingRows: keys.count)
                for (row, key) in keys.enumerated() {
                    values.appendAbsentRow()
                    key.store(in: &values, row: row, column: 0)
                }
                // As many as there can be, and not as many as there are keys: so that it is one statement.
                let list = Query.List(
                    Filter([[FilterTerm(target.keyIndex, .oneOf(values))]]), order: target.totalOrder([]),
                    limit: Filter.mostValues)
                found = try await self.rows(for: Query(target, .list(list)))
            }
            let nested = try await self.embedded(expansion.nested, in: found)
            embedded.append(EmbeddedRecords(in: expansion.column, target, found, nested: nested))
        }
        let size = (0..<rows.count).reduce(0) { sum, row in
            embedded.reduce(sum) { $0 + $1.size(for: rows[row, $1.column], of: rows) }
        }
        guard size <= Self.mostBytesEmbedded else {
            let detail = "shows more than \(Self.mostBytesEmbedded >> 20) MiB of other records: take a smaller limit"
            throw Problem(
                .invalidParameter, "The answer would be too long.",
                errors: [FieldError(at: .parameter("expand"), .invalidParameter, detail)])
        }
        return embedded
    }

    /// Bytes of texts that an answer shows in the place of references. A record stands there as often as others refer to it: so
    /// what is stored once could be answered a thousand times.
    static let mostBytesEmbedded = 16 << 20
}
