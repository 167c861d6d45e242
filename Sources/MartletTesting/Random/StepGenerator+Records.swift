import FoundationEssentials
import MartletKernel
import MartletModel

/// Which records there are, and rows for others.
extension StepGenerator {
    /// A record that is most likely there; it may be deleted, or never have come to be.
    mutating func name(in resource: RandomResource) -> RecordName {
        let records = database.tables[resource.schema.name]?.records ?? []
        if !isOne(in: 6), !records.isEmpty {
            let record = element(of: records)
            return naming.name(of: resource.schema.key(ofRow: 0, in: record) ?? .integer(-1), in: resource)
        }
        if !resource.assignedKeys.isEmpty { return .keyed(element(of: resource.assignedKeys)) }
        let number = inserted - Int64(number(below: 20))
        return resource.isNumbered ? .numbered(number) : .keyed(.uuid(UUID(number: Int(max(number, 0)))))
    }

    func record(_ name: RecordName, in resource: RandomResource) -> RowBatch? {
        let record = database.tables[resource.schema.name]?.rows(naming.key(of: name, in: resource))
        return record?.isEmpty == false ? record : nil
    }

    /// A row without a key, and with the columns for which `isGiven` is true.
    mutating func row(of resource: RandomResource, _ isGiven: (Int) -> Bool) -> RowBatch {
        var row = RowBatch(width: resource.schema.width)
        row.appendAbsentRow()
        for (column, field) in resource.schema.fields.enumerated() where !field.isReadOnly && field.key == nil {
            guard isGiven(column) else { continue }
            if let reference = field.reference, let target = RandomResource.named(reference.resource) {
                draw(referenceTo: target, isNullable: field.isNullable, into: &row, column)
            } else {
                let isInSet = resource.schema.compounds.contains { $0.isUnique && $0.columns.contains(column) }
                FieldValues.draw(field, isInSet: isInSet, into: &row, column, &random)
            }
        }
        return row
    }

    private mutating func draw(
        referenceTo target: RandomResource, isNullable: Bool, into row: inout RowBatch, _ column: Int
    ) {
        guard !isNullable || !isOne(in: 3) else { return row.set(row: 0, column: column, to: .null) }
        switch name(in: target) {
        case .numbered(let number): row.set(row: 0, column: column, to: .integer(number))
        case .keyed(let key): key.store(in: &row, row: 0, column: column)
        }
    }

    mutating func element<Element>(of elements: [Element]) -> Element {
        elements[number(below: elements.count)]
    }

    mutating func isOne(in bound: Int) -> Bool { number(below: bound) == 0 }

    mutating func number(below bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }
}
