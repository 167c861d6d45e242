import MartletModel

extension Application {
    func record(
        _ key: Key, of resource: ResourceSchema, expanding expansions: [Expansion], _ context: RequestContext
    ) async throws(Problem) -> FoundRecord {
        var readings = 0
        while true {
            let rows = try await rows(for: Query(resource, .key(key), reservation: context.reservation), context)
            guard rows.count == 1 else { throw .noRecord(of: resource) }
            guard !expansions.isEmpty else { return FoundRecord(row: rows) }
            let embedded = try await embedded(expansions, in: rows, maxBytes: nil, context) ?? []
            readings += 1
            guard rows.isDangling(0, embedded), readings <= Self.mostRereadings else {
                return FoundRecord(row: rows, embedded: embedded)
            }
        }
    }

    func page(_ request: ListRequest, _ context: RequestContext) async throws(Problem) -> Page {
        for _ in 0..<Self.mostRereadings {
            let page = try await readPage(request, context)
            // All of its records are gone, and others follow.
            guard page.rows.isEmpty, page.next != nil else { return page }
        }
        return try await readPage(request, context)
    }

    private func readPage(
        _ request: ListRequest, _ context: RequestContext
    ) async throws(Problem) -> Page {
        let query = query(request, context)
        var page = try page(try await rows(for: query, context), of: query, request)
        if request.isCounted { page.total = try await total(of: page, request, context) }
        if request.expansions.isEmpty {
            let fitting = page.rows.count(embedding: [], within: request.maxBytes)
            if fitting < page.rows.count { try cut(&page, to: fitting, request) }
        } else {
            try await embed(in: &page, request, context)
        }
        return page
    }

    /// - Parameter rows: one more than the page has, if there is a next one.
    func page(_ rows: consuming RowBatch, of query: Query, _ request: ListRequest) throws(Problem) -> Page {
        guard rows.count > request.limit || rows.endsPage(of: query.maxBytes) else { return Page(rows) }
        rows.removeLastRow()
        return try page(of: rows, request)
    }

    func rows(for query: Query, _ context: RequestContext) async throws(Problem) -> RowBatch {
        do throws(StorageError) {
            return try await storage.rows(for: query, context)
        } catch {
            throw Problem(error, reading: query)
        }
    }

    func beginRead(_ query: Query, _ context: RequestContext) throws(Problem) -> Eventual<RowBatch, Problem> {
        do throws(StorageError) {
            switch try storage.beginRead(query, context) {
            case .now(let rows): return .now(rows)
            case .later(let wait):
                return .later { () async throws(Problem) -> RowBatch in
                    do throws(StorageError) {
                        return try await wait()
                    } catch {
                        throw Problem(error, reading: query)
                    }
                }
            }
        } catch {
            throw Problem(error, reading: query)
        }
    }

    func query(_ request: ListRequest, _ context: RequestContext) -> Query {
        let (resource, order) = (request.resource, request.order)
        // One row more than asked for tells whether there is a next page.
        let limit = request.limit + 1
        if request.filter.clauses.isEmpty, request.columns == nil, order == [SortTerm(resource.keyIndex)] {
            let key = request.after.flatMap { Key($0[0, 0], of: $0) }
            return Query(
                resource, .page(after: key, limit: limit), origin: request.origin, maxBytes: request.maxBytes,
                reservation: context.reservation)
        }
        let list = Query.List(
            request.filter, order: order, after: request.after, limit: limit, columns: request.readColumns)
        return Query(
            resource, .list(list), origin: request.origin, maxBytes: request.maxBytes,
            reservation: context.reservation)
    }

    /// A page with another after it. It ends at a row whose values a URL can hold, so it may be shorter than asked for.
    private func page(of rows: consuming RowBatch, _ request: ListRequest) throws(Problem) -> Page {
        while !rows.isEmpty {
            let next = rows.place(ofRow: rows.count - 1, in: request.order)
            if next.heap.count <= Page.mostBytesOfNext { return Page(rows, next: next) }
            rows.removeLastRow()
        }
        let names = request.sort.map { request.resource.fields[$0.column].name }.joined(separator: ", ")
        let detail = "leads to values of more than \(Page.mostBytesOfNext) bytes, after which no page can begin"
        throw Problem(
            .invalidParameter, "The records can't be paged by \(names).",
            errors: [FieldError(at: .parameter("sort"), .invalidParameter, detail)])
    }

    private func total(
        of page: Page, _ request: ListRequest, _ context: RequestContext
    ) async throws(Problem) -> Int {
        if request.after == nil, page.next == nil { return page.rows.count }
        let query = Query(request.resource, .count(request.filter), origin: request.origin)
        let rows = try await rows(for: query, context)
        return rows.isEmpty ? 0 : Int(rows[0, 0].integer ?? 0)
    }

}

// MARK: - Expanding

extension Application {
    /// How often records are read again whose references lead nowhere. Once is enough unless others change them all the time, or
    /// a reference leads nowhere for good, as another program has deleted its record without a look at references.
    private static let mostRereadings = 3

    /// Adds the records that the page's references lead to. A record stands there as often as others refer to it, so what is
    /// stored once could be answered a thousand times: the page is cut to the rows that fit with them.
    ///
    /// They are read after the page. Where others have deleted one of them in between, the records that refer to it are read
    /// again: they are gone too, or refer to another one. So no record is shown with a reference to nothing, and no list needs
    /// a transaction.
    private func embed(
        in page: inout Page, _ request: ListRequest, _ context: RequestContext
    ) async throws(Problem) {
        var rereadings = 0
        while !page.rows.isEmpty {
            let count = page.rows.count
            let maxBytes = count > 1 ? request.maxBytes : nil
            let found = try await embedded(request.expansions, in: page.rows, maxBytes: maxBytes, context)
            guard let found else {
                try cut(&page, to: count / 2, request)
                continue
            }
            let dangling = (0..<count).filter { page.rows.isDangling($0, found) }
            if !dangling.isEmpty, rereadings < Self.mostRereadings {
                rereadings += 1
                let areThere = try await reread(dangling, of: &page.rows, request, context)
                if areThere { continue }
            }
            let fitting = page.rows.count(embedding: found, within: request.maxBytes)
            if fitting < page.rows.count { try cut(&page, to: fitting, request) }
            page.embedded = found
            return
        }
    }

    /// Puts records as they are now in the place of rows, and takes rows out whose records are gone, or at another place of the
    /// list or in none.
    /// - Returns: whether any of them is still there.
    private func reread(
        _ dangling: [Int], of rows: inout RowBatch, _ request: ListRequest, _ context: RequestContext
    ) async throws(Problem) -> Bool {
        let (resource, order) = (request.resource, request.order)
        let keys = dangling.compactMap { resource.key(ofRow: $0, in: rows) }
        var list = Query.List(request.filter, order: order, limit: Filter.mostValues, columns: request.readColumns)
        list.filter = Filter(list.filter.clauses + [[.isOneOf(keys, resource)]])
        let found = try await self.rows(
            for: Query(resource, .list(list), origin: request.origin, reservation: context.reservation), context)
        let rowsByKey = Dictionary(
            (0..<found.count).compactMap { row in resource.key(ofRow: row, in: found).map { ($0, row) } }
        ) { first, _ in first }
        let replaced = Set(dangling)
        var (fresh, areThere) = (RowBatch(width: rows.width, reservingRows: rows.count), false)
        for row in 0..<rows.count {
            guard replaced.contains(row) else {
                fresh.append(row: row, of: rows)
                continue
            }
            guard let new = resource.key(ofRow: row, in: rows).flatMap({ rowsByKey[$0] }),
                found.order(row: new, rows.place(ofRow: row, in: order), by: order) == 0
            else { continue }
            fresh.append(row: new, of: found)
            areThere = true
        }
        rows = fresh
        return areThere
    }

    func cut(_ page: inout Page, to count: Int, _ request: ListRequest) throws(Problem) {
        var rows = page.rows
        while rows.count > count { rows.removeLastRow() }
        let total = page.total
        page = try self.page(of: rows, request)
        page.total = total
    }

    /// What references lead to, in one query for each.
    /// - Returns: nil when it is more than `maxBytes`.
    private func embedded(
        _ expansions: [Expansion], in rows: RowBatch, maxBytes: Int?, _ context: RequestContext
    ) async throws(Problem) -> [EmbeddedRecords]? {
        var embedded: [EmbeddedRecords] = []
        for expansion in expansions {
            let target = expansion.target
            let keys = Set((0..<rows.count).compactMap { Key(rows[$0, expansion.column], of: rows) }).sorted()
            var found = RowBatch(width: target.width)
            if !keys.isEmpty {
                var query = Query.records(keys, of: target)
                (query.maxBytes, query.reservation) = (maxBytes, context.reservation)
                found = try await self.rows(for: query, context)
                if let maxBytes, found.byteCount > maxBytes { return nil }
            }
            let nested = try await self.embedded(expansion.nested, in: found, maxBytes: maxBytes, context)
            guard let nested else { return nil }
            embedded.append(EmbeddedRecords(in: expansion.column, target, found, nested: nested))
        }
        return embedded
    }

}

extension Query {
    /// The records with these keys, up to ``Filter/mostValues``.
    static func records(_ keys: [Key], of resource: ResourceSchema, columns: [Int]? = nil) -> Query {
        // As many as there can be, and not as many as there are keys: so that it is one statement.
        let list = Query.List(
            Filter([[.isOneOf(keys, resource)]]), order: resource.totalOrder([]), limit: Filter.mostValues,
            columns: columns)
        return Query(resource, .list(list))
    }
}

extension FilterTerm {
    /// Of the key.
    fileprivate static func isOneOf(_ keys: [Key], _ resource: ResourceSchema) -> FilterTerm {
        var values = RowBatch(width: 1, reservingRows: keys.count)
        for (row, key) in keys.enumerated() {
            values.appendAbsentRow()
            key.store(in: &values, row: row, column: 0)
        }
        return FilterTerm(resource.keyIndex, .oneOf(values))
    }
}

extension ListRequest {
    /// Those of ``columns``, those that the next page begins after, and the references that lead on.
    fileprivate var readColumns: [Int]? {
        columns.map { Set($0 + order.map(\.column) + expansions.map(\.column)).sorted() }
    }
}

extension RowBatch {
    /// Whether a reference of a row leads to no record.
    fileprivate func isDangling(_ row: Int, _ embedded: [EmbeddedRecords]) -> Bool {
        embedded.contains { $0.isDangling(self[row, $0.column], of: self) }
    }

    /// How many of these rows have, with the records that are shown in them, no more than `bytes` in JSON; but one at least.
    func count(embedding embedded: [EmbeddedRecords], within bytes: Int) -> Int {
        // Few pages are so long that what JSON escapes has to be counted.
        guard byteCount(embedding: embedded) > bytes / Self.maxEscapedLength else { return count }
        var sum = 0
        for row in 0..<count {
            sum += escapedByteCount(ofRow: row)
            for records in embedded { sum += records.escapedByteCount(for: self[row, records.column], of: self) }
            if sum > bytes, row > 0 { return row }
        }
        return count
    }

    private func byteCount(embedding embedded: [EmbeddedRecords]) -> Int {
        guard !embedded.isEmpty else { return byteCount }
        return (0..<count).reduce(byteCount) { sum, row in
            embedded.reduce(sum) { $0 + $1.byteCount(for: self[row, $1.column], of: self) }
        }
    }
}

extension Problem {
    fileprivate init(_ error: StorageError, reading query: Query) {
        self.init(error)
        if error == .deadlineExceeded, !query.isBounded {
            detail = "It took longer than allowed: no index serves this filter and sort."
        }
    }

    static func noRecord(of resource: ResourceSchema) -> Problem {
        Problem(.notFound, "No record of \(resource.name) has this key.")
    }
}
