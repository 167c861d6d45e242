public import Logging
import MartletModel

/// What storages log of reads that no index bounds: the same words on each.
public struct ScanLog: Sendable {
    private let logger: Logger
    private let slowScanRows: Int

    /// - Parameter slowScanRows: a read that has looked at more records is logged.
    public init(_ logger: Logger, slowScanRows: Int) {
        self.logger = logger
        self.slowScanRows = slowScanRows
    }

    /// - Parameters:
    ///   - rows: how many records the read has looked at; 0 if that isn't known.
    ///   - isLate: its deadline has ended it.
    public func record(_ query: Query, rows: Int, time: Duration, isLate: Bool) {
        guard isLate || rows > slowScanRows else { return }
        var metadata: Logger.Metadata = [
            "route": "\(query.origin ?? "?")", "resource": "\(query.resource.name)",
            "milliseconds": "\(Int64(time / .milliseconds(1)))",
        ]
        if rows > 0 { metadata["rows"] = "\(rows)" }
        logger.warning(
            isLate ? "a read was ended by its deadline" : "a read has looked at many rows", metadata: metadata)
    }
}
