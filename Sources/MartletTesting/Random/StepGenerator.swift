import FoundationEssentials
import MartletKernel
import MartletModel

/// Draws the steps of a random sequence. It does them on tables of its own, to know which records are there: a sequence
/// of names drawn blindly would miss them nearly always.
struct StepGenerator {
    var random: SplitMix64
    var database = MemoryDatabase()
    var naming = Naming()
    var inserted: Int64 = 0
    private var transactions: Int64 = 0
    private var now = Subject.time
    /// Transactions with idempotency keys, to be sent again.
    private var sent: [RandomTransaction] = []
    private var fingerprint: UInt64 = 0
    /// By resource: lists that began behind a record, which may be gone since.
    var places: [String: [Query.List]] = [:]

    /// Beyond it records of a resource are rather deleted than inserted.
    private static let mostRecords = 16

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        for resource in RandomResource.all { database.addTable(of: resource.schema) }
    }

    mutating func next() -> RandomStep {
        let resource = element(of: RandomResource.all)
        switch number(below: 100) {
        case ..<10: return .read(resource, name(in: resource))
        case ..<16:
            let after = isOne(in: 3) ? nil : name(in: resource)
            return .page(resource, after: after, limit: element(of: [1, 2, 5, 1000]))
        case ..<29: return list(of: resource)
        case ..<31: return .count(resource, filter(on: resource))
        case ..<34:
            guard !sent.isEmpty else { return next() }
            var transaction = element(of: sent)
            transaction.time = now
            return .replay(transaction)
        case ..<73: return transaction(of: 1)
        default: return transaction(of: element(of: [0, 2, 2, 3, 4, 6]))
        }
    }

    // MARK: - Transactions

    private mutating func transaction(of count: Int) -> RandomStep {
        // Mostly minutes, sometimes a day to the microsecond.
        let pause = isOne(in: 60) ? Idempotency.lifetime : Int64(number(below: 120_000_000))
        now = Timestamp(clamping: now.microsecondsSince1970 + pause)
        transactions += 1
        if isOne(in: 12), !sent.isEmpty { return again() }
        var transaction = RandomTransaction(number: transactions, changes: [], time: now)
        // Drawn blindly, one of several would nearly always be refused, and all with it.
        let tries = isOne(in: 3) || count == 1 ? 1 : 5
        for _ in 0..<count { transaction.changes.append(change(after: transaction, tries)) }
        if isOne(in: 6) {
            fingerprint += 1
            transaction.idempotency = Idempotency(
                scope: element(of: HostileText.all) + "\(number(below: 4))",
                fingerprint: isOne(in: 2) ? fingerprint : .max - fingerprint)
            sent.append(transaction)
            if sent.count > 12 { sent.removeFirst() }
        }
        rehearse(transaction)
        return .transaction(transaction)
    }

    /// The same, or another under its key. A record that isn't made again needs no name; one that is needs its own.
    private mutating func again() -> RandomStep {
        var transaction = element(of: sent)
        (transaction.number, transaction.time) = (transactions, now)
        for index in transaction.changes.indices where transaction.changes[index].kind == .insert {
            guard case .numbered = transaction.changes[index].name else { continue }
            inserted += 1
            transaction.changes[index].name = .numbered(inserted)
        }
        if isOne(in: 4), let idempotency = transaction.idempotency {
            // Another request's, which may differ in any bit.
            transaction.idempotency = Idempotency(
                scope: idempotency.scope, fingerprint: idempotency.fingerprint ^ element(of: [1, 1 << 32, 1 << 63]))
        }
        rehearse(transaction)
        return .transaction(transaction)
    }

    private mutating func rehearse(_ transaction: RandomTransaction) {
        guard let (after, written) = rehearsed(transaction) else { return }
        database = after
        _ = naming.learn(transaction, written)
    }

    /// What a transaction comes to; nil when it is refused.
    private func rehearsed(_ transaction: RandomTransaction) -> (database: MemoryDatabase, written: [Written])? {
        var copy = database
        guard let whole = try? naming.transaction(transaction), case .committed(let written)? = try? copy.apply(whole)
        else { return nil }
        return (copy, written)
    }

    // MARK: - Changes

    /// - Parameter tries: how many to draw before one that is refused is taken all the same.
    private mutating func change(after transaction: RandomTransaction, _ tries: Int) -> RandomChange {
        var whole = transaction
        for number in 1...tries {
            whole.changes = transaction.changes + [change(after: transaction.changes)]
            if number == tries || rehearsed(whole) != nil { break }
        }
        return whole.changes[transaction.changes.count]
    }

    private mutating func change(after earlier: [RandomChange]) -> RandomChange {
        let resource = element(of: RandomResource.all)
        var change = bareChange(of: resource)
        if isOne(in: 4) { change.condition = condition(on: change) }
        if isOne(in: 12), change.kind == .update || change.kind == .upsert { change.version = version(of: change) }
        refer(&change, to: earlier)
        return change
    }

    private mutating func bareChange(of resource: RandomResource) -> RandomChange {
        let isFull = (database.tables[resource.schema.name]?.records.count ?? 0) >= Self.mostRecords
        switch number(below: 100) {
        case ..<40 where !isFull: return insertion(into: resource)
        case ..<75: return update(of: resource)
        case ..<85 where resource.schema.key.key == .assigned:
            let key = element(of: resource.assignedKeys)
            var row = row(of: resource) { _ in true }
            key.store(in: &row, row: 0, column: resource.schema.keyIndex)
            return RandomChange(kind: .upsert, resource: resource, name: .keyed(key), row: row)
        default:
            let row = RowBatch(width: resource.schema.width)
            return RandomChange(kind: .delete, resource: resource, name: name(in: resource), row: row)
        }
    }

    private mutating func insertion(into resource: RandomResource) -> RandomChange {
        let isSparse = isOne(in: 4) && resource.schema.fields.allSatisfy { !$0.isRequired || $0.key != nil }
        let given = isSparse ? number(below: 1 << 16) : -1
        let row = row(of: resource) { given >> $0 & 1 == 1 }
        var change = RandomChange(kind: .insert, resource: resource, name: .numbered(0), row: row, isSparse: isSparse)
        if let key = resource.assignedKeys.isEmpty ? nil : element(of: resource.assignedKeys) {
            change.name = .keyed(key)
            if !isSparse { key.store(in: &change.row, row: 0, column: resource.schema.keyIndex) }
        } else {
            inserted += 1
            change.name = resource.isNumbered ? .numbered(inserted) : .keyed(.uuid(UUID(number: Int(inserted))))
        }
        return change
    }

    private mutating func update(of resource: RandomResource) -> RandomChange {
        let (given, name) = (number(below: 1 << 16), name(in: resource))
        var row = row(of: resource) { given >> $0 & 1 == 1 }
        // Some of what is there already, or all of it: nothing is to change then.
        if isOne(in: 4), let record = record(name, in: resource) {
            let isAll = isOne(in: 2)
            for (column, field) in resource.schema.fields.enumerated() where !field.isReadOnly && field.key == nil {
                guard isAll || isOne(in: 3), field.reference == nil else { continue }
                row.set(row: 0, column: column, to: record[0, column], of: record)
            }
        }
        return RandomChange(kind: .update, resource: resource, name: name, row: row)
    }

    /// Takes some values, or the key, from what earlier changes of the transaction write.
    private mutating func refer(_ change: inout RandomChange, to earlier: [RandomChange]) {
        guard !earlier.isEmpty else { return }
        if change.kind == .insert {
            for (column, field) in change.resource.schema.fields.enumerated()
            where !field.isReadOnly && field.key == nil {
                let fitting = earlier.indices.filter { earlier[$0].resource.schema.name == field.reference?.resource }
                // Now and then what is no key, or is for no reference.
                let isStray = isOne(in: 16)
                guard let mutation = isStray ? earlier.indices.last : fitting.last, isStray || isOne(in: 2) else {
                    continue
                }
                let source = earlier[mutation].resource.schema
                let from = isStray ? number(below: source.fields.count) : source.keyIndex
                // A generated key in a field that isn't a reference would be compared by its value, which is the storage's.
                let field = source.fields[from]
                guard !isStray || (field.key != .generated && field.reference == nil) else { continue }
                change.references[column] = ResultReference(mutation: mutation, column: from)
                change.row.set(row: 0, column: column, to: .absent)
            }
        } else if isOne(in: 3) {
            let fitting = earlier.indices.filter { earlier[$0].resource.schema === change.resource.schema }
            guard let mutation = fitting.last else { return }
            change.keyReference = ResultReference(mutation: mutation, column: change.resource.schema.keyIndex)
        }
    }

    private mutating func condition(on change: RandomChange) -> RandomChange.Condition {
        switch number(below: 8) {
        case 0: .present
        case 1: .absent
        case 2: .version([])
        case 3: .version([version(of: change), version(of: change)])
        default: .version([version(of: change)])
        }
    }

    /// Mostly the one that the record is in.
    private mutating func version(of change: RandomChange) -> VersionName {
        let record = isOne(in: 4) ? nil : record(change.name, in: change.resource)
        let another = VersionName(transaction: Int64(number(below: Int(transactions) + 1)), mutation: number(below: 2))
        return record.flatMap { naming.name(ofVersion: $0.version) } ?? another
    }
}
