/// A gap in which another task comes between, if there is one: a mere `Task.yield()` may return at once on a busy machine.
func letOthersCome() async {
    try? await Task.sleep(for: .milliseconds(2))
}
