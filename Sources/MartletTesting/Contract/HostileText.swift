/// Texts that storages and serialisers get wrong.
public enum HostileText {
    /// Each is valid for a string field without further constraints; no two are equal, also ignoring ASCII case, and none is
    /// longer than 200 scalars.
    public static let all: [String] = [
        "",
        " ",
        " padded ",
        "e\u{301}",  // decomposed
        "\u{E9}",  // composed: equal to the one before for Swift, not for a storage
        "\u{C9}",
        "\u{1D11E}\u{10FFFF}\u{1F469}\u{200D}\u{1F680}",  // four bytes each in UTF-8
        "\u{FEFF}bom",
        "right \u{202E}to left",
        "it's",
        "''; DROP TABLE \"contract-items\"; --",
        "\"double\"",
        "`back`[square]",
        "100%",
        "under_score",
        "star*?",
        "back\\slash\\",
        "$1 :name @name ?1",
        "\u{1}",
        "line\r\nline\ttab\u{7F}",
        "NULL",
        "0x10",
        "1e2",
        "007",
        "7",
        "true",
        "\u{FFFF}\u{FFFD}",
        String(repeating: "\u{1F600}", count: 200),
        String(repeating: "a", count: 200),
    ]
}
