public import MartletModel

/// What a writer wrote.
public struct JSONText: Equatable {
    public let bytes: [UInt8]

    public init(_ write: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        write(&writer)
        bytes = writer.withBytes { Array($0) }
    }

    public func read<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R { bytes.withUnsafeBytes(body) }
}
