import MartletKernel
import Testing

@Suite struct DatabaseShapeTests {
    /// It is in the record of migrations.
    @Test func `a shape's checksum stays the same`() {
        var table = TableShape()
        table.columns["id"] = ColumnShape("INTEGER", isNullable: false)
        table.indexes["users.name"] = "CREATE INDEX \"users.name\" ON users (name)"
        let shape = DatabaseShape(["users": table])
        #expect(shape.checksum == -1_131_410_009_444_380_801)
        #expect(DatabaseShape(text: shape.text)?.checksum == shape.checksum)
    }
}
