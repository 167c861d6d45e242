import FoundationEssentials
import MartletKernel
import MartletModel

extension StorageContract {
    static let patterns: [Clause] = [
        Clause("a pattern is like a text that has its pieces, and anything between them") { subject in
            let texts = ["", "a", "b", "ab", "ba", "aba", "abab", "aab", "a b", "A", "aB", "e\u{301}", "\u{E9}"]
            try await subject.makeAll(Specimen.having(texts))
            for pattern in [
                "*", "**", "a", "a*", "*a", "*a*", "a*a", "a*b", "ab*ab", "*ab*ab*", "*b*b*", "a**b", "e*", "*\u{301}",
                "",
                "*\u{E9}*", "b*a", "aab*",
            ] {
                try await subject.expectLike(pattern, among: texts)
            }
        },
        Clause("no character is special in a pattern but * and the backslash before it") { subject in
            let specials = ["%", "_", "*", "?", "[", "]", "\\", "^", "$", ".", "-", "!", "{", "+", "'", "(", "|"]
            let texts = ["", "ab", "axb", "axxb", "a\\%b"] + specials.map { "a\($0)b" }
            try await subject.makeAll(Specimen.having(texts))
            for special in specials {
                let escaped = LikePattern.escaping(special)
                for pattern in ["a\(escaped)b", "a\(escaped)*", "*\(escaped)b", "*\(escaped)*"] {
                    try await subject.expectLike(pattern, among: texts)
                }
            }
            for pattern in ["a[x]b", "a[^x]b", "a[!x]b", #"a\\%b"#, "a.*b", "(ab|axb)", "^ab$", "a{1,}b"] {
                try await subject.expectLike(pattern, among: texts)
            }
        },
        Clause("a pattern finds any text, and what it begins and ends with") { subject in
            try await subject.makeAll(Specimen.having(HostileText.all))
            for text in HostileText.all {
                let scalars = text.unicodeScalars
                let (start, end) = (String(scalars.prefix(3)), String(scalars.suffix(3)))
                try await subject.expectLike(
                    LikePattern.escaping(start) + "*" + LikePattern.escaping(end), among: HostileText.all, [false])
                guard text.unicodeScalars.count <= LikePattern.mostScalars else { continue }
                try await subject.expectLike(LikePattern.escaping(text), among: HostileText.all)
            }
        },
        Clause("only A to Z are the same as a to z where case is ignored") { subject in
            let texts = HostileText.all + ["K", "I", "STRASSE", "E\u{301}", "STRA\u{DF}E", "@[`{", "Z"]
            try await subject.makeAll(Specimen.having(texts))
            for text in [
                "k", "K", "\u{212A}", "i", "I", "\u{130}", "\u{131}", "stra\u{DF}e", "STRASSE", "stra\u{1E9E}e",
                "\u{E9}",
                "\u{C9}", "e\u{301}", "\u{3C3}", "\u{3C2}", "\u{3A3}", "\u{1C5}", "@[`{", "`{@[", "z",
            ] {
                for pattern in [text, text + "*", "*" + text, "*\(text)*"] {
                    try await subject.expectLike(pattern, among: texts, [true])
                }
            }
        },
        Clause("one of two texts is found, heeding case or not, by whatever index") { subject in
            try await subject.makeAll(["ada", "ADAM", "Bob", "eve"].map { Item($0) })
            try await subject.insert(Item(name: "ADA", handle: "other"))
            for column in [1, Item.handle] {
                func term(_ text: String, ignoringCase: Bool) throws -> FilterTerm {
                    let name: FilterOperator = ignoringCase ? .likeIgnoringCase : .like
                    return try FilterTerm(column, of: Item.resource, name, text, parameter: "")
                }
                let adas: Set<Int64> = column == 1 ? [1, 5] : [1]
                for (filter, found) in [
                    ([try term("ADA", ignoringCase: true), try term("bOB", ignoringCase: true)], adas.union([3])),
                    ([try term("ADA", ignoringCase: true), try term("Bob", ignoringCase: false)], adas.union([3])),
                    ([try term("Bob", ignoringCase: false), try term("ADA", ignoringCase: true)], adas.union([3])),
                    ([try term("ada", ignoringCase: false), try term("bob", ignoringCase: false)], [1]),
                ] {
                    let rows = try await subject.list(of: Item.self, Filter([filter]))
                    let ids = Set((0..<rows.count).compactMap { rows[$0, 0].integer })
                    try subject.expect(ids, found, "records with \(filter)")
                    try await subject.expect(
                        subject.count(of: Item.self, Filter([filter])), Int64(found.count), "their count")
                }
            }
        },
    ]
}

extension Subject {
    /// Of specimens that have these texts, those are found that a pattern is like, by its meaning letter by letter.
    fileprivate func expectLike(
        _ source: String, among texts: [String], _ cases: [Bool] = [false, true]
    ) async throws {
        guard let pattern = LikePattern(source) else { preconditionFailure("\(source) is a pattern") }
        for ignoringCase in cases {
            let found = texts.indices.filter { Letters(source, ignoringCase).match(texts[$0]) }
            let term = FilterTerm(RankedField.text.column, .like(pattern, ignoringCase: ignoringCase))
            let rows = try await list(of: Specimen.self, Filter([[term]]))
            guard Specimen.numbers(of: rows) == found else {
                throw violation(
                    "records with a text \(ignoringCase ? "i" : "")like \(source.debugDescription)",
                    found.map { texts[$0].debugDescription },
                    Specimen.numbers(of: rows).map { texts.indices.contains($0) ? texts[$0].debugDescription : "null" })
            }
        }
    }
}

extension Specimen {
    /// One with each text, numbered from 0, and one without.
    fileprivate static func having(_ texts: [String]) -> [Specimen] {
        (texts.map(Optional.some) + [nil]).enumerated().map { number, text in
            var specimen = Specimen(UUID(number: number))
            specimen.text = text
            return specimen
        }
    }
}

extension LikePattern {
    /// What a text is spelled like in a pattern.
    static func escaping(_ text: String) -> String {
        filterEscaped(text, "*")
    }
}

/// A pattern read letter by letter: which of its letters have been matched is all that it knows.
private struct Letters {
    /// Nil is anything.
    private var letters: [UInt8?] = []
    private let ignoringCase: Bool

    init(_ source: String, _ ignoringCase: Bool) {
        self.ignoringCase = ignoringCase
        var bytes = source.utf8[...]
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "*"): letters.append(nil)
            case UInt8(ascii: "\\"): letters.append(bytes.popFirst())
            default: letters.append(byte)
            }
        }
    }

    func match(_ text: String) -> Bool {
        var reached = passingAnything([0])
        for byte in text.utf8 {
            var next: Set<Int> = []
            for place in reached where place < letters.count {
                guard let letter = letters[place] else {
                    next.insert(place)
                    continue
                }
                if isSame(letter, byte) { next.insert(place + 1) }
            }
            reached = passingAnything(next)
            if reached.isEmpty { return false }
        }
        return reached.contains(letters.count)
    }

    /// Anything may be nothing.
    private func passingAnything(_ places: Set<Int>) -> Set<Int> {
        var all = places
        for place in places.sorted() {
            var place = place
            while place < letters.count, letters[place] == nil {
                place += 1
                all.insert(place)
            }
        }
        return all
    }

    private func isSame(_ a: UInt8, _ b: UInt8) -> Bool {
        guard ignoringCase else { return a == b }
        func lower(_ byte: UInt8) -> UInt8 { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte + 32 : byte }
        return lower(a) == lower(b)
    }
}
