import MartletKernel
import MartletModel

extension StorageContract {
    static let paging: [Clause] = [
        Clause("a page holds records in the order of their keys, behind the given one, up to the limit") { subject in
            var items: [Item] = []
            for number in 0..<12 { items.append(try await subject.insert(Item("\(11 - number)"))) }
            let keys = items.map(\.id).sorted()
            try await subject.expect(subject.keys(), keys, "all keys")
            for (place, key) in keys.enumerated() {
                for limit in [1, 5, 12, 1000] {
                    let expected = Array(keys[(place + 1)...].prefix(limit))
                    try await subject.expect(
                        subject.keys(after: key, limit: limit), expected, "\(limit) keys behind number \(place)")
                }
            }
            try await subject.expectItems(items)
        },
        Clause("a page begins behind its key whether or not a record has it") { subject in
            var keys: [Int64] = []
            for name in ["a", "b", "c", "d"] { keys.append(try await subject.insert(Item(name)).id) }
            try await subject.delete(keys[1])
            try await subject.expect(subject.keys(after: keys[1]), Array(keys[2...]), "keys behind a deleted one")
            try await subject.expect(subject.keys(after: .min), [keys[0], keys[2], keys[3]], "keys behind the lowest")
            try await subject.expect(subject.keys(after: .max), [], "keys behind the highest")
        },
        Clause("pages neither repeat nor miss a record that stays, while others come and go") { subject in
            var staying: [Int64] = []
            var leaving: [Int64] = []
            for number in 0..<60 {
                let key = try await subject.insert(Item("\(number)")).id
                if number % 3 == 0 { leaving.append(key) } else { staying.append(key) }
            }
            var seen: [Int64] = []
            while case let page = try await subject.keys(after: seen.last, limit: 7), !page.isEmpty {
                seen += page
                try subject.expect(seen.count < 200, "the pages end")
                // One that was seen already, one that wasn't yet, and a new one behind all.
                if !leaving.isEmpty { try await subject.delete(leaving.removeFirst()) }
                if let key = leaving.popLast() { try await subject.delete(key) }
                if seen.count < 60 { try await subject.insert(Item("new \(seen.count)")) }
            }
            try subject.expect(Set(seen).count, seen.count, "different keys among \(seen)")
            try subject.expect(seen.filter(staying.contains), staying, "the keys that stayed")
        },
    ]
}
