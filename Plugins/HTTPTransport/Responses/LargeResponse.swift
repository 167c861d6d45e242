import MartletKernel
import MartletModel
import NIOCore

/// Encodes a response of many bytes on a thread of its own: an event loop that did it would answer nobody else meanwhile.
enum LargeResponse {
    typealias Encode = @Sendable (inout JSONWriter) throws(Problem) -> Answer

    /// Bytes of records up to which the event loop encodes them itself. That takes some hundred microseconds.
    static let threshold = 256 << 10
    /// As many as read large pages: what is read and waits to be encoded holds its bytes.
    static let threads = max(2, System.coreCount)
    /// Its memory is freed piece by piece, as the client takes it, and goes back to the system at once: see
    /// ``MemoryTrimmer/leastMapped``.
    static let pieceSize = MemoryTrimmer.leastMapped

    /// - Parameter reservation: holds the records' bytes. It gets those of the response too.
    /// - Throws: ``Rejection/overloaded``, unless it is a write's: that has happened.
    static func make(
        _ encode: @escaping Encode, isWrite: Bool, _ reservation: BufferReservation, _ pool: BlockingPool
    ) async throws(Problem) -> Answer {
        let work: @Sendable () -> Result<Answer, Problem> = {
            Result { () throws(Problem) in
                var json = JSONWriter(capacity: reservation.bytes + pieceSize)
                var answer = try encode(&json)
                guard reservation.grow(by: json.count) || isWrite else { throw Rejection.overloaded.problem }
                if case .record = answer.content { answer.content = .largeRecord(json.withBytes(pieces)) }
                return answer
            }
        }
        do {
            return try await pool.run(work).get()
        } catch let problem as Problem {
            throw problem
        } catch {
            // No thread is to be had.
            return try work().get()
        }
    }

    private static func pieces(_ bytes: UnsafeRawBufferPointer) -> [ByteBuffer] {
        stride(from: 0, to: bytes.count, by: pieceSize).map { start in
            ByteBuffer(bytes: bytes.slice(start..<min(start + pieceSize, bytes.count)))
        }
    }
}
