public import MartletKernel
public import MartletModel

/// A query as a statement and what goes with it. Of what a client says nothing gets into the text: names are the schema's,
/// values are parameters.
public struct SQLQuery: Sendable {
    /// What its statement is to be kept by.
    public let shape: QueryShape
    /// In the order of their numbers, from 1 on.
    public let parameters: [SQLParameter]
    /// What a row has, in this order.
    public let columns: [Int]
    private let resource: ResourceSchema

    /// - Parameters:
    ///   - ordinal: the resource's place among those of the storage.
    ///   - relaxed: columns that can be null in the database, whatever the resource says.
    public init(
        _ list: Query.List, of resource: ResourceSchema, ordinal: Int, _ dialect: SQLDialect, relaxed: Set<Int> = []
    ) {
        var compiler = QueryCompiler(resource, dialect, relaxed: relaxed)
        // A row has to have something for it to be told.
        let wanted = list.columns ?? Array(0..<resource.width)
        columns = wanted.isEmpty ? [resource.keyIndex] : wanted
        shape = compiler.shape(of: list, columns, ordinal)
        self.resource = resource
        parameters = compiler.parameters
    }

    /// Its one row has one integer.
    public init(counting filter: Filter, of resource: ResourceSchema, ordinal: Int, _ dialect: SQLDialect) {
        var compiler = QueryCompiler(resource, dialect)
        shape = compiler.shape(counting: filter, ordinal)
        self.resource = resource
        columns = []
        parameters = compiler.parameters
    }

    /// The statement.
    /// - Parameter visit: a function of the database, of one parameter, that is to be called for each record which is looked
    ///   at, and says 1. A count of all records is made without.
    /// - Parameter namespace: the schema of the database that holds the table; nil where no name of one is needed.
    public func text(visitingBy visit: String? = nil, in namespace: String? = nil) -> String {
        QueryText(shape, resource, visit: visit, in: namespace).text
    }
}
