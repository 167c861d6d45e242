import MartletKernel
import MartletModel

/// The records of an ``Evolution`` at one of its versions: what a database should hold.
struct EvolvingRecords {
    private(set) var version: Int
    private var schemas: [ResourceSchema]
    /// In the order of their making.
    private var tables: [String: [[String: JSONValue]]] = [:]
    private var nextKeys: [String: Int] = [:]

    init(version: Int) throws {
        self.version = version
        schemas = try Evolution.versions[version].schemas()
    }

    var resources: [ResourceSchema] { schemas }

    private func schema(_ name: String) throws -> ResourceSchema {
        guard let schema = schemas.first(where: { $0.name == name }) else {
            throw ContractViolation("version \(version) has no \(name)")
        }
        return schema
    }

    /// Makes the records of some versions as they are at this one.
    mutating func insert(from versions: ClosedRange<Int>, into subject: Subject) async throws {
        for first in versions {
            for record in Evolution.versions[first].records {
                var fields = record.fields
                for next in first + 1..<version + 1 where next <= version {
                    Evolution.versions[next].change(record.resource, &fields)
                }
                try await insert(fields.filter { $0.value != Evolution.someTime }, record.resource, into: subject)
            }
        }
    }

    private mutating func insert(
        _ fields: [String: JSONValue], _ resource: String, into subject: Subject
    ) async throws {
        let schema = try schema(resource)
        var fields = fields
        let draft = fields.filter { schema.key.key == .assigned || $0.key != schema.key.name }
        try await subject.insert(draft, into: schema)
        for field in schema.fields where fields[field.name] == nil {
            fields[field.name] = field.managed == nil ? field.defaultValue ?? .null : Evolution.someTime
        }
        if schema.key.key == .generated {
            nextKeys[resource, default: 0] += 1
            fields[schema.key.name] = .integer(nextKeys[resource, default: 0])
        }
        tables[resource, default: []].append(fields)
    }

    /// Makes and deletes a member: its key must not come back.
    mutating func useUpKey(in subject: Subject) async throws {
        let members = try schema("members")
        var fields: [String: JSONValue] = [:]
        for field in members.fields where field.isRequired {
            fields[field.name] = field.type == .integer ? 0 : field.type == .enumeration ? "done" : "gone"
        }
        if members.fields.contains(where: { $0.name == "status" && $0.type == .string }) { fields["status"] = "done" }
        let key = try await subject.insert(fields, into: members)
        try await subject.done(Mutation(members, .delete(key)))
        nextKeys["members", default: 0] += 1
    }

    /// Makes of them what a migration has to make of them.
    mutating func change(to new: Int) throws {
        for next in version + 1..<new + 1 {
            for (name, records) in tables {
                tables[name] = records.map { record in
                    var record = record
                    Evolution.versions[next].change(name, &record)
                    return record
                }
            }
        }
        version = new
        schemas = try Evolution.versions[new].schemas()
    }

    /// The database holds these records and no others.
    func expect(in subject: Subject) async throws {
        for schema in schemas {
            var found = try await subject.fields(of: schema)
            for row in found.indices {
                for field in schema.fields where field.managed != nil && found[row][field.name]?.string != nil {
                    found[row][field.name] = Evolution.someTime
                }
            }
            try subject.expect(found, tables[schema.name] ?? [], "\(schema.name) at version \(version)")
        }
    }
}
