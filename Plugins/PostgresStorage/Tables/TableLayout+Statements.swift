import MartletModel

extension TableLayout {
    private var select: String { "SELECT \(columnList) FROM \(relation)" }

    var selectByKey: String { "\(select) WHERE \(key) = $1" }
    var selectFirstPage: String { "\(select) ORDER BY \(key) LIMIT $1" }
    var selectNextPage: String { "\(select) WHERE \(key) > $1 ORDER BY \(key) LIMIT $2" }

    /// From the one sequence of the database. The server evaluates it when it changes the record: a change that has waited
    /// for another gets a later version than that.
    private var nextVersion: String { "nextval(\(versions))" }

    private var versions: String { Self.literal(ServerTables.qualified(ServerTables.versions, in: namespace)) }

    /// A later version than a record has. Where tables were restored and the sequence was not, it is brought forward, unless the
    /// version is so high that hardly any would be left.
    /// - Parameter sequence: as an expression.
    static func version(after version: String, from sequence: String) -> String {
        "CASE WHEN nextval(\(sequence)) > \(version) OR \(version) > \(Int64.max / 2) THEN currval(\(sequence)) "
            + "ELSE setval(\(sequence), \(version) + 1) END"
    }

    private var insertInto: String {
        let columns = insertedColumns.map(column) + [Self.version]
        let values = columns.indices.dropLast().map { "$\($0 + 1)" } + [nextVersion]
        return "INSERT INTO \(relation) (\(columns.joined(separator: ", "))) VALUES (\(values.joined(separator: ", ")))"
    }

    var insert: String { "\(insertInto) RETURNING \(columnList)" }

    var insertIfAbsent: String { "\(insertInto) ON CONFLICT (\(key)) DO NOTHING RETURNING \(columnList)" }

    var update: String {
        let places = updatedColumns.indices.map { (column: column(updatedColumns[$0]), given: 2 * $0 + 1) }
        let next = 2 * updatedColumns.count + 1
        let assignments = places.map { place in
            (place.column, "CASE WHEN $\(place.given) THEN $\(place.given + 1) ELSE \(name).\(place.column) END")
        }
        let changes = places.map { place in
            "$\(place.given) AND \(name).\(place.column) IS DISTINCT FROM $\(place.given + 1)"
        }
        return "UPDATE \(relation) SET \(set(assignments, time: next + 2)) WHERE \(key) = $\(next) "
            + "AND ($\(next + 1)::bigint[] IS NULL OR \(Self.version) = ANY ($\(next + 1))) "
            + "AND (\(changes.isEmpty ? "false" : changes.joined(separator: " OR "))) RETURNING \(columnList)"
    }

    var upsert: String {
        let masks = updatedColumns.indices.map {
            (column: column(updatedColumns[$0]), mask: insertedColumns.count + $0 + 1)
        }
        let assignments = masks.map { place in
            (place.column, "CASE WHEN $\(place.mask) THEN excluded.\(place.column) ELSE \(name).\(place.column) END")
        }
        let changes = masks.map { place in
            "$\(place.mask) AND \(name).\(place.column) IS DISTINCT FROM excluded.\(place.column)"
        }
        let time = insertedColumns.count + updatedColumns.count + 1
        // A row that was there was locked by this very transaction, which xmax tells; a new one has none.
        return "\(insertInto) ON CONFLICT (\(key)) DO UPDATE SET \(set(assignments, time: time)) "
            + "WHERE \(changes.isEmpty ? "false" : changes.joined(separator: " OR ")) "
            + "RETURNING \(columnList), (\(name).xmax = 0)"
    }

    private var laterVersion: String {
        Self.version(after: "\(name).\(Self.version)", from: versions)
    }

    /// - Parameter time: the parameter with the time, if the table has a column for it.
    private func set(_ assignments: [(column: String, value: String)], time: Int) -> String {
        var assignments = assignments + [(Self.version, laterVersion)]
        if let updatedAt {
            let column = column(updatedAt)
            assignments.removeAll { $0.column == column }
            assignments.append((column, "$\(time)"))
        }
        return assignments.map { "\($0.column) = \($0.value)" }.joined(separator: ", ")
    }

    var delete: String {
        "DELETE FROM \(relation) WHERE \(key) = $1 AND ($2::bigint[] IS NULL OR \(Self.version) = ANY ($2)) "
            + "RETURNING \(columnList)"
    }

    /// - Parameter strength: how strongly, as the server calls it.
    func lock(_ strength: String) -> String {
        "SELECT FROM \(relation) WHERE \(key) = ANY ($1) ORDER BY \(key) \(strength)"
    }

    private var ownKey: String { "$\(2 * schema.fields.count + 1)" }

    /// What a change would make of a record. Values that its row leaves as they are, are those of the record.
    private var given: String {
        let values = schema.fields.indices.map { index in
            "CASE WHEN $\(2 * index + 1) THEN $\(2 * index + 2) ELSE stored.\(column(index)) END AS \(column(index))"
        }
        return "(SELECT \(values.joined(separator: ", ")) "
            + "FROM (SELECT 1) AS one LEFT JOIN \(relation) AS stored ON stored.\(key) = \(ownKey)) AS given"
    }

    /// Of the parameters of ``given``: for each column whether it is given and what, then the key of the record.
    var givenTypes: [Int32] {
        schema.fields.indices.flatMap { [ObjectID.boolean, type($0)] } + [keyType]
    }

    /// Which of the conditions a change would break.
    func broken(_ conditions: [String]) -> String {
        "SELECT \(conditions.map { "(\($0)) IS FALSE" }.joined(separator: ", ")) FROM \(given)"
    }

    func conflicts(_ graph: ReferenceGraph) -> String {
        let taken = uniques.map { unique in
            let equals = unique.columns.map { index in
                let name = column(index)
                return unique.isIgnoringCase
                    ? "lower(other.\(name)) = lower(given.\(name))" : "other.\(name) = given.\(name)"
            }
            return "EXISTS (SELECT 1 FROM \(relation) AS other WHERE \(equals.joined(separator: " AND ")) "
                + "AND other.\(key) IS DISTINCT FROM \(ownKey))"
        }
        let missing = references.map { index -> String in
            guard let target = graph.target(of: self, index) else { return "false" }
            let value = "given.\(column(index))"
            // A reference to itself is none to a record that isn't there.
            let itself =
                target.ordinal == ordinal
                ? " AND \(value) IS DISTINCT FROM coalesce(\(ownKey), given.\(key))" : ""
            return "($\(2 * index + 1) AND \(value) IS NOT NULL\(itself) "
                + "AND NOT EXISTS (SELECT 1 FROM \(target.relation) AS target WHERE target.\(target.key) = \(value)))"
        }
        return "SELECT \((taken + missing).joined(separator: ", ")) FROM \(given)"
    }
}
