import MartletKernel
import MartletModel
import NIOCore

/// An answer, but for its content's bytes when these are JSON: they stand in the loop's JSON writer.
struct Answer {
    enum Content {
        case none
        /// None either, but the answer to a browser's question what it may send.
        case permissions
        case record
        /// The same, as bytes that were encoded off the event loop.
        case largeRecord([ByteBuffer])
        case problem
        case asset(StaticAsset)
        /// As long as there are chunks, of this media type.
        case chunks(ResponseChunks, type: String)
    }

    var status: ResponseStatus
    var content: Content
    /// The record's, in the fields.
    var entityTag: EntityTag?
    var fields: [ResponseField] = []
    /// What the log shows beside it, when the server is at fault.
    var cause: String?
    /// No request is served behind it.
    var closes = false
}
