import FoundationEssentials
import MartletKernel
import MartletModel

extension StorageContract {
    static let walks: [Clause] = [
        Clause("a list has the columns that are wanted, and others rightly or not at all") { subject in
            var specimens: [Specimen] = []
            for number in 0..<3 {
                var specimen = Specimen(UUID(number: number))
                for field in RankedField.all where number > 0 { field.set(&specimen, to: number % field.count) }
                if number > 0 { specimen.document = Extremes.documents[number] }
                specimens.append(specimen)
            }
            try await subject.makeAll(specimens)
            let all = try await subject.records(of: Specimen.self)
            let width = Specimen.resource.width
            let choices = (0..<width).map { [$0] } + [[0, width - 1], [2, 3, 9], [1, 5, 10], Array(0..<width)]
            for columns in choices {
                let sort = [SortTerm(RankedField.integer.column, isDescending: true)]
                let rows = try await subject.list(of: Specimen.self, by: sort, columns: columns)
                try subject.expect(rows.count, 3, "records with the columns \(columns)")
                try subject.expect(rows.width, width, "cells of a row with the columns \(columns)")
                for (row, specimen) in [2, 1, 0].enumerated() {
                    for column in 0..<width where columns.contains(column) || !rows[row, column].isAbsent {
                        let isRight = all.order(all[specimen, column], rows[row, column], of: rows) == 0
                        try subject.expect(isRight, "column \(column) of \(columns) in \(rows)")
                    }
                }
            }
        },
        Clause("a list has records as they are, each in its version") { subject in
            for name in ["b", "a", "c"] { try await subject.insert(Item(name)) }
            let key = try await subject.keys()[1]
            try await subject.update(key, .set(\.sideNote, "changed"))
            let all = try await subject.records(of: Item.self)
            try await subject.expect(subject.list(of: Item.self), all, "the list by key")
            let name = SortTerm(Item.column(\.name))
            let rows = try await subject.list(of: Item.self, by: [name], limit: 1)
            let first = try await subject.record(of: Item.self, .integer(key))
            try subject.expect(rows, first, "the first record by name")
            try await subject.delete(key)
            try await subject.expect(subject.count(of: Item.self), 2, "the count without a deleted record")
        },
        Clause("a field that is unique, and never null, orders a list by itself") { subject in
            for handle in ["b", "C", "a", "e\u{301}", "\u{E9}", "_"] {
                try await subject.insert(Item(name: "n", handle: handle))
            }
            let handles = ["C", "_", "a", "b", "e\u{301}", "\u{E9}"]
            for sort in [[Item.handle], [Item.column(\.name), Item.handle, Item.column(\.order)]] {
                for isDescending in [false, true] {
                    let terms = sort.map { SortTerm($0, isDescending: isDescending) }
                    let seen = try await subject.walk(Item.self, by: terms, limit: 2)
                    let found = (0..<seen.count).compactMap { seen.string(of: seen[$0, Item.handle]) }
                    let expected = isDescending ? handles.reversed() : handles
                    try subject.expect(found.map { Array($0.utf8) }, expected.map { Array($0.utf8) }, "\(found)")
                }
            }
        },
        Clause("keys of every kind, references and what SQL has words for can be asked for") { subject in
            let folder = try await subject.folder("f")
            let other = try await subject.folder("g", in: folder)
            let document = Document(UUID(number: 7), in: folder)
            try await subject.makeAll([Owner("e\u{301}"), Owner("\u{E9}"), Owner("''; --")])
            try await subject.makeAll([document, Document(UUID(number: 8), in: other, owner: "\u{E9}")])
            try await subject.makeAll([Preset.untouched("a", at: Subject.time)])
            try await subject.makeAll([Entry("text")])
            try await subject.makeAll([Slot("room", 1, 2)])
            let cases: [(ResourceSchema, String, any FieldValue, Int)] = [
                (Folder.resource, "id", folder, 1), (Folder.resource, "parent", folder, 1),
                (Document.resource, "id", UUID(number: 7), 1), (Document.resource, "owner", "\u{E9}", 1),
                (Document.resource, "owner", "e\u{301}", 0), (Document.resource, "folder", other, 1),
                (Owner.resource, "id", "e\u{301}", 1), (Owner.resource, "id", "''; --", 1),
                (Owner.resource, "createdAt", Subject.time, 3), (Preset.resource, "integer", Int64.min, 1),
                (Entry.resource, "text", "text", 1), (Slot.resource, "day", CalendarDate(clamping: 1), 1),
            ]
            for (resource, field, value, count) in cases {
                guard let column = resource.indexByName[field] else { preconditionFailure("\(resource.name).\(field)") }
                var values = RowBatch(width: 1)
                values.appendAbsentRow()
                value.store(in: &values, row: 0, column: 0)
                for condition in [.compare(.equal, value: values), .oneOf(values)] as [FilterTerm.Condition] {
                    let filter = Filter([[FilterTerm(column, condition)]])
                    let list = Query.List(filter, order: resource.totalOrder([SortTerm(column)]), limit: 10)
                    let rows = try await subject.storage.rows(for: Query(resource, .list(list)), .test)
                    try subject.expect(rows.count, count, "\(resource.name) whose \(field) is \(value)")
                }
            }
        },
        Clause("the pages of a list neither repeat nor miss a record that stays, while others come and go") { subject in
            var (staying, leaving): ([Int64], [Int64]) = ([], [])
            for number in 0..<40 {
                let item = Item(name: "\(number % 5)", rank: number % 3 == 0 ? nil : 7, handle: "\(number)")
                let key = try await subject.insert(item).id
                if number % 4 == 0 { leaving.append(key) } else { staying.append(key) }
            }
            let sort = [SortTerm(Item.column(\.rank), isDescending: true), SortTerm(Item.column(\.name))]
            let stayed = try await subject.list(of: Item.self, by: sort).keys.filter(staying.contains)
            var new = 0
            let seen = try await subject.walk(Item.self, by: sort, limit: 4) {
                // Before and behind the place, and at it.
                if !leaving.isEmpty { try await subject.delete(leaving.removeFirst()) }
                if let key = leaving.popLast() { try await subject.delete(key) }
                guard new < 24 else { return }
                for rank in [nil, 7] as [Int64?] {
                    new += 1
                    try await subject.insert(Item(name: "\(new % 5)", rank: rank, handle: "new \(new)"))
                }
            }.keys
            try subject.expect(Set(seen).count, seen.count, "different keys among \(seen)")
            try subject.expect(seen.filter(staying.contains), stayed, "the keys that stayed")
        },
        Clause("so it is when they come and go at the same time") { subject in
            var staying: [Int64] = []
            for number in 0..<20 {
                staying.append(try await subject.insert(Item(name: "\(number % 3)", handle: "\(number)")).id)
            }
            let (sort, stays) = ([SortTerm(Item.column(\.name), isDescending: true)], staying)
            let stayed = try await subject.list(of: Item.self, by: sort).keys
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for number in 0..<60 {
                        let item = try await subject.insert(Item(name: "\(number % 3)", handle: "new \(number)"))
                        await Task.yield()
                        try await subject.delete(item.id)
                    }
                }
                for limit in 1...6 {
                    group.addTask {
                        let seen = try await subject.walk(Item.self, by: sort, limit: limit) { await Task.yield() }.keys
                        try subject.expect(Set(seen).count, seen.count, "different keys among \(seen)")
                        try subject.expect(seen.filter(stays.contains), stayed, "the keys that stayed")
                    }
                }
                try await group.waitForAll()
            }
        },
    ]
}

extension RowBatch {
    /// Those of items.
    fileprivate var keys: [Int64] { (0..<count).compactMap { self[$0, 0].integer } }
}
