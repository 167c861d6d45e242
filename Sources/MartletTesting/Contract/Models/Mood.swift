import MartletModel

/// An enumeration whose values differ in what storages get wrong.
enum Mood: String, EnumerationValue {
    case glad = "glad"
    case loud = "GLAD"
    case quoted = "it's \"so\" so\\so"
    case composed = "\u{E9}"
    case decomposed = "e\u{301}"
    case empty = ""
}
