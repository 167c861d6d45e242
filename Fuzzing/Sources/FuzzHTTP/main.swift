import FuzzSupport
import Glibc

// The first byte says how the others are cut into pieces. These are what a client sends, and then again a body and a
// header field's value, which as parts of a request would seldom be reached.
Fuzzer.run { start, count in
    let input = UnsafeRawBufferPointer(start: start, count: count)
    guard let seed = input.first else { return 0 }
    let bytes = Array(input.dropFirst())
    let pieces = Pieces(seed: seed)
    ReaderRules.check(bytes, pieces)
    ConnectionRules.check(bytes, pieces)
    BodyRules.check(bytes)
    bytes.withUnsafeBytes { FieldRules.check($0) }
    return 0
}
