import MartletModel

/// Which steps of a sequence its last one depends on: those that change a record that it names, or that one of these refers
/// to, and so on. Most of a long sequence is about other records. What has to be unique is passed over, so that a slice can
/// lack something.
struct StepSlice {
    private struct Record: Hashable {
        let resource: String
        let name: RecordName
    }

    private var records: Set<Record> = []
    /// Of which a page was read: all their records count.
    private var resources: Set<String> = []

    static func ofLast(_ steps: [RandomStep]) -> [RandomStep] {
        var slice = StepSlice()
        var kept: [RandomStep] = []
        for step in steps.reversed() where kept.isEmpty || slice.isChanged(by: step) {
            slice.add(step)
            kept.append(step)
        }
        return kept.reversed()
    }

    private func isChanged(by step: RandomStep) -> Bool {
        guard case .transaction(let transaction) = step else { return false }
        return transaction.changes.contains { change in
            let resource = change.resource.schema.name
            return resources.contains(resource) || records.contains(Record(resource: resource, name: change.name))
        }
    }

    private mutating func add(_ step: RandomStep) {
        switch step {
        case .read(let resource, let name): records.insert(Record(resource: resource.schema.name, name: name))
        case .page(let resource, _, _), .list(let resource, _), .count(let resource, _):
            resources.insert(resource.schema.name)
        case .transaction(let transaction), .replay(let transaction):
            for change in transaction.changes { add(change) }
        }
    }

    private mutating func add(_ change: RandomChange) {
        records.insert(Record(resource: change.resource.schema.name, name: change.name))
        guard change.row.count > 0 else { return }
        for (column, field) in change.resource.schema.fields.enumerated() {
            guard let target = field.reference.flatMap({ RandomResource.named($0.resource) }),
                let key = Key(change.row[0, column], of: change.row)
            else { continue }
            var name = RecordName.keyed(key)
            if target.isNumbered, case .integer(let number) = key { name = .numbered(number) }
            records.insert(Record(resource: target.schema.name, name: name))
        }
    }
}
