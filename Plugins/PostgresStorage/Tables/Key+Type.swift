import MartletModel

extension Key {
    /// Whether a record of the resource could have it. The server would call any other a mistake, where it is only the key
    /// of no record.
    func isOne(of schema: ResourceSchema) -> Bool {
        switch (self, schema.key.type) {
        case (.integer, .integer), (.uuid, .uuid): true
        case (.integer, _), (.uuid, _), (.string, .integer), (.string, .uuid): false
        // No text there has U+0000.
        case (.string(let text), _): !text.utf8.contains(0)
        }
    }
}
