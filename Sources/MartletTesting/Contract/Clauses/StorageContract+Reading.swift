import MartletKernel
import MartletModel

extension StorageContract {
    static let reading: [Clause] = [
        Clause("any text reads back byte for byte") { subject in
            for text in HostileText.all {
                let item = try await subject.insert(
                    Item(name: text, sideNote: text, code: text, handle: text))
                try await subject.expect(
                    subject.read(item.id), item.row, "the record with \(text.debugDescription.prefix(80))")
            }
        },
        Clause("a text may be long") { subject in
            // A megabyte, which no index holds: the field has none.
            let item = try await subject.insert(
                Item(name: "n", sideNote: String(repeating: "\u{1F600}", count: 1 << 18), handle: "h"))
            try await subject.expect(subject.read(item.id) == item.row, "the text reads back")
        },
        Clause("integers have their whole range") { subject in
            for value in [Int64.min, .min + 1, -1, 0, 1, 1 << 53 + 1, .max - 1, .max] {
                let item = try await subject.insert(Item(name: "n", order: value, rank: value, handle: "\(value)"))
                try await subject.expect(subject.read(item.id), item.row, "the record with \(value)")
            }
        },
        Clause("null is null, not an empty text or zero") { subject in
            let none = try await subject.insert(Item("none"))
            let empty = try await subject.insert(Item(name: "", sideNote: "", code: "", rank: 0, handle: "empty"))
            try await subject.expect(subject.read(none.id), none.row, "the record with nulls")
            try await subject.expect(subject.read(empty.id), empty.row, "the record with empty texts")
        },
        Clause("a key that no record has reads as no row") { subject in
            let item = try await subject.insert(Item("one"))
            for key in [item.id + 1, 0, -1, .max, .min] {
                try await subject.expect(subject.read(key).count, 0, "rows with key \(key)")
            }
        },
        Clause("a page has the records without their versions") { subject in
            var expected = RowBatch(width: Item.resource.width)
            for name in ["one", "two"] {
                expected.append(row: 0, of: try await subject.insert(Item(name)).row)
            }
            try await subject.expect(subject.page(), expected, "the page")
        },
        Clause("an answer has the schema's columns and the version, also without a row") { subject in
            let width = Item.resource.width
            try await subject.expect(subject.read(1).width, width, "columns of a missing record")
            try await subject.expect(subject.page().width, width, "columns of an empty page")
        },
    ]
}
