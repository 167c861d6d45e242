import MartletKernel
import MartletModel

extension StorageContract {
    static let uniqueness: [Clause] = [
        Clause("a taken value is refused, and nothing is inserted") { subject in
            let item = try await subject.insert(Item(name: "n", code: "c", handle: "h"))
            try await subject.expectTaken(subject.commit(.insert(Item(name: "n", code: "c", handle: "i"))), Item.code)
            try await subject.expectTaken(subject.commit(.insert(Item(name: "n", handle: "h"))), Item.handle)
            try await subject.expectItems([item])
            try await subject.expectItems([item, subject.insert(Item(name: "n", code: "d", handle: "i"))])
        },
        Clause("every taken field is named, in the schema's order, also when different records have them") { subject in
            let both = try await subject.insert(Item(name: "n", code: "c", handle: "h"))
            let other = try await subject.insert(Item(name: "n", code: "d", handle: "i"))
            for (code, handle) in [("c", "h"), ("c", "i"), ("d", "H")] {
                let draft = Item(name: "n", code: code, handle: handle)
                try await subject.expectTaken(subject.commit(.insert(draft)), Item.code, Item.handle)
            }
            let third = try await subject.insert(Item("third"))
            let update = try await subject.commit(.update(third.id, .set(\.handle, "I"), .set(\.code, "c")))
            try subject.expectTaken(update, Item.code, Item.handle)
            try await subject.expectItems([both, other, third])
        },
        Clause("ignoring case means A to Z, and no other letter") { subject in
            try await subject.insert(Item(name: "n", handle: "Ada.Byron@[x]"))
            try await subject.expectTaken(
                subject.commit(.insert(Item(name: "n", handle: "aDA.bYRON@[X]"))), Item.handle)
            // U+212A, the Kelvin sign, becomes k in full case folding; [ and { differ by the same bit as A and a.
            for handle in [
                "\u{C9}", "\u{E9}", "E\u{301}", "k", "\u{212A}", "\u{391}", "\u{3B1}", "ada.byron@{x}", "ss", "\u{DF}",
            ] {
                try await subject.insert(Item(name: "n", handle: handle))
            }
            try await subject.expectTaken(subject.commit(.insert(Item(name: "n", handle: "e\u{301}"))), Item.handle)
        },
        Clause("exact means byte for byte") { subject in
            for code in ["a", "A", "\u{E9}", "e\u{301}", "a ", " a", "", "a\u{1}", "01", "1"] {
                try await subject.insert(
                    Item(name: "n", code: code, handle: "handle of \(code.unicodeScalars.map(\.value))"))
            }
            try await subject.expectTaken(
                subject.commit(.insert(Item(name: "n", code: "e\u{301}", handle: "h"))), Item.code)
            try await subject.expectTaken(subject.commit(.insert(Item(name: "n", code: "", handle: "h"))), Item.code)
        },
        Clause("null takes no value") { subject in
            let first = try await subject.insert(Item("first"))
            let second = try await subject.insert(Item("second"))
            var third = try await subject.insert(Item(name: "third", code: "c", handle: "third"))
            try await subject.update(third.id, .set(\.code, nil))
            third.code = nil
            try await subject.expectItems([first, second, third])
        },
        Clause("a record keeps its own value without a conflict") { subject in
            var item = try await subject.insert(Item(name: "n", code: "c", handle: "ada"))
            try await subject.update(item.id, .set(\.handle, "ada"), .set(\.code, "c"))
            try await subject.update(item.id, .set(\.handle, "ADA"))
            item.handle = "ADA"
            try await subject.expectItems([item])
        },
        Clause("an update to a taken value is refused, and nothing is updated") { subject in
            let first = try await subject.insert(Item(name: "n", code: "c", handle: "h"))
            let second = try await subject.insert(Item(name: "n", code: "d", handle: "i"))
            let result = try await subject.commit(.update(second.id, .set(\.name, "new"), .set(\.handle, "H")))
            try subject.expectTaken(result, Item.handle)
            try await subject.expectItems([first, second])
        },
        Clause("a value is free once its record has another or is gone") { subject in
            let first = try await subject.insert(Item(name: "n", code: "c", handle: "h"))
            try await subject.update(first.id, .set(\.handle, "i"))
            let second = try await subject.insert(Item(name: "n", handle: "H"))
            try await subject.delete(second.id)
            try await subject.insert(Item(name: "n", handle: "h"))
        },
    ]
}
