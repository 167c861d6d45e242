/// A text of a configuration, or of another file, as messages show it: control characters escaped, and of no more than
/// 100 characters.
package func quoted(_ text: String) -> String {
    let text = withoutCredentials(text)
    let shown = text.prefix(100)
    return shown.endIndex == text.endIndex ? text.debugDescription : "\(String(shown).debugDescription)…"
}
