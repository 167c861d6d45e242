import FuzzSupport
import MartletModel

// A body, as JSON and as a record of every schema; and bytes that a storage may have kept of records.
Fuzzer.run { start, count in
    let text = UnsafeRawBufferPointer(start: start, count: count)
    let tree = try? JSONValue(json: text)
    if let tree { TreeRules.check(tree) }
    EncodingRules.check(text)
    for schema in Schemas.all { RowRules.check(text, schema, tree) }
    return 0
}
