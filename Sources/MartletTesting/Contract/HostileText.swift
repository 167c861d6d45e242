/// Texts that storages and serialisers get wrong.
public enum HostileText {
    /// Each is valid for a string field without further constraints; no two are equal, also ignoring ASCII case, and none is
    /// longer than 200 scalars or the 512 bytes of a key.
    public static let all: [String] = [
        "",
        " ",
        " padded ",
        "e\u{301}",  // decomposed
        "\u{E9}",  // composed: equal to the one before for Swift, not for a storage
        "\u{C9}",
        // Pairs to Unicode, some of other lengths, and none to a storage: only ASCII letters have a case there.
        "stra\u{DF}e",
        "stra\u{1E9E}e",
        "strasse",
        "i",
        "\u{130}",  // a capital I with a dot, whose small letter is the next but one, or i
        "\u{131}",
        "i\u{307}",
        "k",
        "\u{212A}",  // the Kelvin sign, whose small letter is k
        "\u{3C3}",
        "\u{3C2}",  // the capital letter of both is the next
        "\u{3A3}",
        "\u{1C5}",  // neither small nor capital
        "\u{1D11E}\u{10FFFF}\u{1F469}\u{200D}\u{1F680}",  // four bytes each in UTF-8
        "\u{FEFF}bom",
        "right \u{202E}to left",
        "it's",
        "''; DROP TABLE \"contract-items\"; --",
        "\"double\"",
        "`back`[square]",
        "100%",
        "%",
        "_",
        "*",
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
        String(repeating: "\u{1F600}", count: 128),
        String(repeating: "a", count: 200),
    ]
}
