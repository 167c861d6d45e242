import FuzzSupport

// What an author declares, and the texts of single values.
Fuzzer.run { start, count in
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    ValueRules.check(bytes)
    PatternRules.check(bytes)
    DeclarationRules.check(bytes)
    if let text = String(validating: bytes, as: UTF8.self) {
        for reader in FileReaders.all { reader(text) }
    }
    return 0
}
