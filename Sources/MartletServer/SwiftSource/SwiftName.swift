/// Names in Swift source, made of those of resources, fields and values by rules that README.md tells.
enum SwiftName {
    // MARK: - Types

    /// `book-loans` is `BookLoan`.
    static func type(ofResource name: String) -> String {
        let words = name.split { $0 == "-" || $0 == "_" }.map(String.init)
        let last = words.last.map(singular) ?? name
        let type = (words.dropLast() + [last]).map(capitalised).joined()
        return takenTypes.contains(type) ? "\(type)Record" : type
    }

    /// `loanStatus` is `LoanStatus`.
    /// - Parameter typeName: that of the type which it is nested in.
    static func type(ofField name: String, in typeName: String) -> String {
        let type = capitalised(name)
        return type == typeName || takenTypes.contains(type) ? "\(type)Value" : type
    }

    /// What is right for most words, and simple to foresee: whoever finds a name wrong renames the type.
    private static func singular(_ word: String) -> String {
        if word.hasSuffix("ies"), word.utf8.count > 4 { return "\(word.dropLast(3))y" }
        if ["sses", "shes", "ches", "xes", "zzes"].contains(where: word.hasSuffix) { return String(word.dropLast(2)) }
        let isPlural = word.hasSuffix("s") && !["ss", "us", "is"].contains(where: word.hasSuffix)
        return isPlural && word.utf8.count > 1 ? String(word.dropLast()) : word
    }

    private static func capitalised(_ word: String) -> String {
        word.prefix(1).uppercased() + word.dropFirst()
    }

    /// Types that the source means by their names, and names that Swift keeps to itself.
    private static let takenTypes: Set<String> = [
        "Any", "Bool", "CalendarDate", "CaseIterable", "Constraint", "Double", "EnumerationValue", "Equatable", "Field",
        "Int64", "JSONValue", "Model", "Protocol", "Schema", "Self", "String", "Timestamp", "Type", "UInt8", "UUID",
    ]

    // MARK: - Properties and cases

    /// The property of a field: called as the field is, where that can be.
    static func property(of field: String) -> String {
        takenProperties.contains(field) ? "\(field)Value" : escaped(field)
    }

    /// A name as it is written where it is declared or used.
    static func escaped(_ name: String) -> String {
        keywords.contains(name) ? "`\(name)`" : name
    }

    /// The cases of an enumeration: a value that could be a case's name is its own case, and of another one remains what
    /// could be in a name, as `inProgress` of `IN-PROGRESS`.
    static func cases(of values: [String]) -> [String] {
        var taken = Set(values.filter(isCase))
        return values.map { value in
            guard !isCase(value) else { return escaped(value) }
            let name = caseName(from: value)
            let stem = takenCases.contains(name) ? "\(name)Value" : name
            var (free, number) = (stem, 2)
            while !taken.insert(free).inserted {
                free = "\(stem)\(number)"
                number += 1
            }
            return escaped(free)
        }
    }

    private static func isCase(_ value: String) -> Bool {
        value.utf8.first.map { isLetter($0) && $0 & 0x20 != 0 } == true
            && value.utf8.allSatisfy { isLetter($0) || isDigit($0) } && !takenCases.contains(value)
    }

    private static func caseName(from value: String) -> String {
        let words = value.utf8.split { !isLetter($0) && !isDigit($0) }.map { String(decoding: $0, as: UTF8.self) }
            .map { $0 == $0.uppercased() ? $0.lowercased() : $0 }
        let name = words.enumerated().map { $0 == 0 ? $1.prefix(1).lowercased() + $1.dropFirst() : capitalised($1) }
            .joined()
        guard let first = name.utf8.first else { return "other" }
        return isLetter(first) ? name : "value\(name)"
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }

    /// Names that every model gives a meaning of its own.
    private static let takenProperties: Set<String> = ["init", "schema", "self"]

    /// Members that every enumeration of values has, and what no member can be called.
    private static let takenCases: Set<String> = [
        "allCases", "enumerationValues", "init", "isNullable", "self", "sentinel", "valueType",
    ]

    /// The reserved words of The Swift Programming Language, "Lexical Structure", and words that begin an expression.
    private static let keywords: Set<String> = [
        "any", "async", "await", "consume", "copy", "discard", "each", "some", "unsafe", "yield",
        "Any", "as", "associatedtype", "break", "case", "catch", "class", "continue", "default", "defer", "deinit",
        "do", "else", "enum", "extension", "fallthrough", "false", "fileprivate", "for", "func", "guard", "if",
        "import", "in", "init", "inout", "internal", "is", "let", "nil", "operator", "precedencegroup", "private",
        "protocol", "public", "repeat", "rethrows", "return", "self", "static", "struct", "subscript", "super",
        "switch", "throw", "throws", "true", "try", "typealias", "var", "where", "while",
    ]
}
