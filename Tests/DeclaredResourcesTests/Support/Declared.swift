import MartletModel

/// A resource with every type and every constraint, as a file declares it. `Generated/Specimen.swift` is the same in
/// Swift, printed by `martlet schema --swift`.
enum Declared {
    static let specimens = #"""
        table: all_specimens
        preconditions: required
        fields:
          code: { type: string, key: assigned, length: 2..12, pattern: "^[A-Z\"\\\\]{2}" }
          count: { type: integer, range: -10..-1, default: -5 }
          least: { type: integer, range: 0.., nullable: true }
          most: { type: integer, range: ..100, nullable: true, unique: true }
          share: { type: number, range: 0.5..1, default: 0.50 }
          level: { type: number, range: ..-1, nullable: true, indexed: true }
          rise: { type: number, range: 1e-3.., nullable: true }
          title: { type: string, length: ..200, indexed: true, default: "two\nlines, a \"quote\", \\ and \u200B" }
          email: { type: string, format: email, unique: ignoringCase, column: mail_address }
          password: { type: string, length: 12.., writeOnly: true, nullable: true }
          isOpen: { type: boolean, default: true, readOnly: true }
          happened: { type: timestamp, default: 2026-07-01T12:00:00Z }
          day: { type: date, nullable: true, unique: true }
          token: { type: uuid, nullable: true, unique: true }
          digest: { type: bytes, length: 32, nullable: true }
          options: { type: json, default: { sizes: [1, 2.5, 1e3, ~], dark: true, name: "007", none: {} } }
          anything: { type: json, nullable: true }
          status: { values: [open, in-progress, Done, default, "2", ""], default: in-progress }
          kind: { values: [a, b], nullable: true, indexed: true }
          default: { type: string, renamedFrom: standard, nullable: true }
          owner: { references: owners, onDelete: cascade }
          parent: { references: specimens, onDelete: setNull, nullable: true, indexed: true }
          reviewer: { references: owners, nullable: true }
          createdAt: { managed: createdAt }
          updatedAt: { managed: updatedAt, indexed: true }
        unique: [[owner, title], [day, kind, status]]
        indexes: [[status, createdAt]]
        """#

    static let owners = "fields: { id: { type: uuid, key: generated }, name: string }"

    /// In the order of the files' names: owners, specimens.
    static func resources() throws -> [ResourceSchema] {
        try DeclaredResourcesTests.resources(["owners.yaml": owners, "specimens.yaml": specimens])
    }
}
