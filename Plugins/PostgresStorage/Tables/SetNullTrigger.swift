import MartletModel
import MartletSQL

/// Sees that a record which a deletion changes, by setting its reference to null, gets a new version, as any other change
/// gives it one. An update of Martlet's own sets the version itself, and passes by.
struct SetNullTrigger {
    let name: String
    let definition: String

    /// Nil for a table without such references.
    /// - Parameter schema: where the function is made, if not where tables are.
    init?(_ table: TableLayout, in schema: String? = nil) {
        let columns = table.references.filter { table.schema.fields[$0].reference?.onDelete == .setNull }
        guard !columns.isEmpty else { return nil }
        name = Self.name(of: table)
        let quoted = quotedIdentifier(name)
        let function = schema.map { "\($0).\(quoted)" } ?? quoted
        // Another session that changes a record may search other schemas than Martlet does.
        let sequence = "format('%I.\(ServerTables.versions)', TG_TABLE_SCHEMA)::regclass"
        // The announced version is older than the record's if others have changed that while the deletion waited for them.
        let announced = "nullif(current_setting('martlet.version', true), '')::bigint"
        var assignments =
            "NEW.\(TableLayout.version) := CASE WHEN \(announced) >= OLD.\(TableLayout.version) "
            + "THEN \(announced) ELSE \(TableLayout.version(after: "OLD.\(TableLayout.version)", from: sequence)) END;"
        if let updatedAt = table.updatedAt {
            assignments +=
                " NEW.\(table.column(updatedAt)) := "
                + "coalesce(nullif(current_setting('martlet.time', true), '')::timestamptz, now());"
        }
        definition =
            "CREATE OR REPLACE FUNCTION \(function)() RETURNS trigger LANGUAGE plpgsql AS "
            + "$martlet$ BEGIN \(assignments) RETURN NEW; END $martlet$; "
            + "CREATE TRIGGER \(quoted) BEFORE UPDATE OF \(columns.map(table.column).joined(separator: ", ")) "
            + "ON \(table.name) FOR EACH ROW WHEN (NEW.\(TableLayout.version) = OLD.\(TableLayout.version)) "
            + "EXECUTE FUNCTION \(function)()"
    }

    static func name(of table: TableLayout) -> String {
        table.dialect.objectName("\(table.schema.table).setnull")
    }

    static func removal(of name: String, from table: TableLayout) -> String {
        let quoted = quotedIdentifier(name)
        return "DROP TRIGGER IF EXISTS \(quoted) ON \(table.name); DROP FUNCTION IF EXISTS \(quoted)()"
    }
}

extension TableLayout {
    /// The constraint that holds a reference, made when all tables are there. Deferrable: records that go with the deleted one
    /// don't keep it, also where the server looks for them before they are gone.
    func referenceDefinition(of index: Int, _ graph: ReferenceGraph) -> String? {
        reference(of: index, graph).map {
            "ALTER TABLE \(name) ADD CONSTRAINT \(quotedIdentifier(referenceName(schema.fields[index].column))) "
                + "FOREIGN KEY (\(column(index))) \($0) DEFERRABLE"
        }
    }

    func referenceName(_ column: String) -> String { dialect.objectName("_reference_\(column)") }

    /// The definitions of the table, its indexes and its trigger, without its references: tables may refer to each other.
    /// - Parameter schema: where the trigger's function is made, if not where tables are.
    func definitions(in schema: String? = nil) -> [String] {
        [definition()] + indexes.map(\.definition) + [SetNullTrigger(self, in: schema)?.definition].compactMap(\.self)
    }
}
