import MartletKernel
import MartletModel

/// Reads what a list's query asks for. A parameter that has the name of one of the ``ListOptions`` is that one, every other
/// a filter.
///
/// The most frequent lists have no filter: nothing is made for them that only filters, or mistakes, need.
struct ListQuery {
    static let defaultLimit = 100
    static let maxLimit = 1000

    let resource: ServedResource
    var request: ListRequest
    /// The query as it came, without its cursor: what the next page's link repeats.
    private(set) var rest: [UInt8] = []
    /// What is wrong with it, in the query's order.
    private(set) var errors: [FieldError] = []
    /// Each filter so far that is a parameter of its own.
    var filters: Set<FilterName> = []
    var clauses: [[FilterTerm]] = []
    var termCount = 0
    /// Of all `in` together.
    var valueCount = 0
    private let application: Application
    private var given: ListOptions = []
    private var cursor: String?

    /// - Parameter origin: what logs call the list.
    init(
        _ query: UnsafeRawBufferPointer?, of resource: ServedResource, _ application: Application, origin: String
    ) {
        self.resource = resource
        self.application = application
        request = ListRequest(resource.schema, limit: Self.defaultLimit)
        request.origin = origin
        guard let query else { return }
        rest.reserveCapacity(query.count)
        for pair in QueryPairs(query) where !hasEnoughErrors { take(pair) }
        finish()
    }

    var hasEnoughErrors: Bool { errors.count > QueryParameters.maxErrors }

    mutating func refuse(_ error: FieldError) {
        errors.append(error)
    }

    mutating func refuse(_ parameter: String, _ detail: String) {
        errors.append(FieldError(at: .parameter(parameter), .invalidParameter, detail))
    }

    private mutating func take(_ pair: QueryPairs.Pair) {
        let isRead = PercentEncoding.withQueryText(pair.name) { name in
            PercentEncoding.withQueryText(pair.value) { value in
                take(name, value, of: pair)
                return true
            }
        }
        if isRead != true { refuse(.malformed(pair)) }
    }

    private mutating func take(
        _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, of pair: QueryPairs.Pair
    ) {
        let option = ListOptions.named(name)
        if option != .cursor {
            if !rest.isEmpty { rest.append(UInt8(ascii: "&")) }
            rest.append(contentsOf: pair.text)
        }
        guard let option else { return takeFilter(name, value, pair.value) }
        guard given.insert(option).inserted else { return refuse(.repeated(name.text)) }
        let known = errors.count
        defer { if errors.count > known, option != .or { hintAtSpaces(in: pair.value, since: known) } }
        switch option {
        case .limit: takeLimit(value)
        case .cursor: cursor = value.text
        case .sort: takeSort(value.text)
        case .fields: takeFields(value.text)
        case .expand: takeExpansions(value.text)
        case .count: takeCount(value)
        default: takeAlternatives(value, pair.value)
        }
    }

    /// `sort=+name` is read as `sort= name`.
    private mutating func hintAtSpaces(in value: UnsafeRawBufferPointer, since first: Int) {
        guard value.next(UInt8(ascii: "+")) != nil else { return }
        for index in first..<errors.count {
            let error = errors[index]
            errors[index] = FieldError(at: error.location, error.code, "\(error.detail); a + in a query is a space")
        }
    }

    private mutating func takeLimit(_ value: UnsafeRawBufferPointer) {
        // In the one spelling that a number has: no `+1`, no `01`.
        let isNumber = (1...4).contains(value.count) && value.allSatisfy(\.isDigit) && value[0] != UInt8(ascii: "0")
        let limit = isNumber ? value.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) } : 0
        guard (1...Self.maxLimit).contains(limit) else {
            return refuse("limit", "must be an integer from 1 to \(Self.maxLimit)")
        }
        request.limit = limit
    }

    private mutating func takeCount(_ value: UnsafeRawBufferPointer) {
        request.isCounted = value.equals("true")
        if !request.isCounted, !value.equals("false") { refuse("count", "must be true or false") }
    }

    private mutating func takeExpansions(_ value: String) {
        do throws(Problem) {
            request.expansions = try application.expansions(value, of: resource.schema)
        } catch {
            error.errors.forEach { refuse($0) }
        }
    }

    private mutating func finish() {
        if !clauses.isEmpty { request.filter = Filter(clauses) }
        if let columns = request.columns, !request.expansions.isEmpty {
            // What is expanded is shown, whether it is named or not.
            request.columns = Set(columns + request.expansions.map(\.column)).sorted()
        }
        // Which list a cursor has to be of isn't known as long as something is wrong with it.
        guard let cursor, errors.isEmpty else { return }
        request.after = Cursor.decode(cursor, for: request)
        if request.after == nil { refuse("cursor", "is not one of this list, as it is filtered and sorted") }
    }
}
