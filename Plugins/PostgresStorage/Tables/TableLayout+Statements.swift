import MartletModel
import MartletSQL

extension TableLayout {
    var keyType: Int32 { ObjectID.of(schema.key.type) }

    func type(_ index: Int) -> Int32 {
        ObjectID.of(schema.fields[index].type)
    }

    /// Of the parameter for ``updatedAt``, if there is one.
    var timeTypes: [Int32] { updatedAt == nil ? [] : [ObjectID.timestamptz] }

    /// Of the parameters of ``selection(of:)``.
    var givenTypes: [Int32] {
        schema.fields.indices.flatMap { [ObjectID.boolean, type($0)] } + [keyType]
    }

    /// From the one sequence of the database. The server evaluates it when it changes the record: a change that has waited
    /// for another gets a later version than that.
    private var nextVersion: String { "nextval(\(versions))" }

    private var versions: String { dialect.literal(ServerTables.qualified(ServerTables.versions, in: namespace)) }

    /// A later version than a record has. Where tables were restored and the sequence was not, it is brought forward, unless the
    /// version is so high that hardly any would be left.
    /// - Parameter sequence: as an expression.
    static func version(after version: String, from sequence: String) -> String {
        "CASE WHEN nextval(\(sequence)) > \(version) OR \(version) > \(Int64.max / 2) THEN currval(\(sequence)) "
            + "ELSE setval(\(sequence), \(version) + 1) END"
    }

    private var insertInto: String { insert(version: nextVersion) }

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
}
