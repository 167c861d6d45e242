import MartletModel
import MartletSQL

/// The sequence that a table's keys come from, and how it is brought forward after others have left it behind: records that
/// were inserted with their keys, or restored without the sequence, have the keys that it would give next.
struct KeySequence {
    private let layout: TableLayout

    /// Nil for a table whose keys the database doesn't make.
    init?(_ layout: TableLayout) {
        guard layout.generatesKeys else { return nil }
        self.layout = layout
    }

    private var table: String { SQLDialect.postgres.literal(layout.relation) }
    private var column: String { SQLDialect.postgres.literal(layout.schema.key.column) }

    /// Its id, as SQL: the column's own sequence, or another one that its default names.
    var id: String {
        "coalesce(pg_get_serial_sequence(\(table), \(column))::regclass, (SELECT d.refobjid::regclass "
            + "FROM pg_attrdef AS e JOIN pg_depend AS d ON d.classid = 'pg_attrdef'::regclass AND d.objid = e.oid "
            + "AND d.refclassid = 'pg_class'::regclass JOIN pg_class AS s ON s.oid = d.refobjid AND s.relkind = 'S' "
            + "JOIN pg_attribute AS a ON a.attrelid = e.adrelid AND a.attnum = e.adnum "
            + "WHERE e.adrelid = \(table)::regclass AND a.attname = \(column) LIMIT 1))"
    }

    /// Whether the role has the rights for that, as SQL; false for a null.
    static func mayAdvance(_ sequence: String) -> String {
        "coalesce(has_sequence_privilege(\(sequence), 'SELECT') AND has_sequence_privilege(\(sequence), 'UPDATE'), false)"
    }

    /// A statement that brings it past the highest key, and never back: a key that was given once is given to nobody else.
    ///
    /// By `nextval`, which no other session can come between, where the way is short. The highest key that the sequence can
    /// give doesn't count: after it there would be none. What has no rights on the sequence leaves it as it is. A sequence that
    /// descends has it the other way round.
    var advance: String {
        """
        DO $martlet$ DECLARE
            _sequence regclass := \(id);
            _step numeric; _cache bigint; _bottom bigint; _top bigint; _latest numeric; _used bigint; _distance numeric;
        BEGIN
            IF NOT \(Self.mayAdvance("_sequence")) THEN RETURN; END IF;
            SELECT seqincrement, seqcache, seqmin, seqmax INTO _step, _cache, _bottom, _top
                FROM pg_sequence WHERE seqrelid = _sequence;
            EXECUTE format('SELECT last_value - CASE WHEN is_called THEN 0 ELSE %s::numeric END FROM %s', _step, _sequence)
                INTO _latest;
            IF _step > 0 THEN
                SELECT \(layout.key) INTO _used FROM \(layout.relation) WHERE \(layout.key) < _top ORDER BY 1 DESC LIMIT 1;
            ELSE
                SELECT \(layout.key) INTO _used FROM \(layout.relation) WHERE \(layout.key) > _bottom ORDER BY 1 LIMIT 1;
            END IF;
            _distance := floor((_used - _latest) / _step);
            IF _distance > 1000 OR _distance > 0 AND _cache > 1 THEN
                PERFORM setval(_sequence, _used);
            ELSIF _distance > 0 THEN
                PERFORM nextval(_sequence) FROM generate_series(1, _distance::int);
            END IF;
        END $martlet$
        """
    }
}

/// The sequence that versions come from.
enum VersionSequence {
    /// Records of each table that are looked at: those with the highest keys. What is missed shows when a record is changed, by
    /// ``TableLayout/version(after:from:)``.
    private static let sample = 1000

    /// Others may have made it, or changed it: a sequence that begins anew repeats versions, and one that ends stops all writes.
    /// - Returns: whether there was something to repair.
    static func repair(on connection: BlockingConnection) throws(PostgresError) -> Bool {
        let name = ServerTables.versions
        let rows = try connection.rows(
            """
            SELECT pg_has_role(c.relowner, 'USAGE') FROM pg_sequence AS s JOIN pg_class AS c ON c.oid = s.seqrelid
            WHERE s.seqrelid = to_regclass('\(name)')
            AND (s.seqcycle OR s.seqincrement <= 0 OR s.seqmax < \(Int64.max))
            """)
        guard let isOwner = rows.first?[0] else { return false }
        let alteration = "ALTER SEQUENCE \(name) AS bigint INCREMENT BY 1 NO MAXVALUE NO CYCLE"
        guard isOwner == "t" else {
            throw .refused("\(name): the sequence ends or begins anew, and its owner is another role; \(alteration)")
        }
        try connection.execute(alteration)
        return true
    }

    /// A statement that brings the sequence past the records' versions.
    static func advance(_ layouts: [TableLayout]) -> String {
        let versions = layouts.map { table in
            "SELECT max(\(TableLayout.version)) FROM (SELECT \(TableLayout.version) FROM \(table.name) "
                + "ORDER BY \(table.key) DESC LIMIT \(sample)) AS last"
        }
        return """
            SELECT setval('\(ServerTables.versions)', used)
            FROM (SELECT max(version) FROM (\(versions.joined(separator: " UNION ALL "))) AS each(version)
            WHERE version <= \(Int64.max / 2)) AS records(used), \(ServerTables.versions) AS sequence
            WHERE used > sequence.last_value - CASE WHEN sequence.is_called THEN 0 ELSE 1 END
            """
    }
}
