public import MartletKernel
import MartletModel
import NIOCore

extension HTTPTransport {
    static let host = Setting(
        "host", default: "127.0.0.1", "Address or name to listen on; 0.0.0.0 or :: is every one."
    ) { host throws(SettingError) in try ListenAddress.check(host: host) }
    static let port = Setting(
        "port", default: 8000, in: 0...65535, environmentAlias: "PORT", "TCP port; 0 takes a free one.")
    static let unixSocket = Setting(
        "unixSocket", default: "", "Path of a Unix socket to listen on instead of host and port."
    ) { path throws(SettingError) in
        try ListenAddress.check(unixSocket: path)
    } validateForStart: { path throws(SettingError) in
        try ListenAddress.checkFiles(unixSocket: path)
    }
    static let unixSocketMode = Setting(
        "unixSocketMode", default: "",
        "Who may connect to the Unix socket, as octal digits such as 0660; empty is by umask."
    ) { mode throws(SettingError) in
        guard mode.isEmpty || UnixSocketFile.mode(mode) != nil else {
            throw SettingError("must be three or four octal digits, such as 0660")
        }
    }
    static let basePath = Setting("basePath", default: "", "What all paths begin with, such as /api.") {
        path throws(SettingError) in
        guard path.isEmpty || isPath(path) else {
            throw SettingError("must begin with /, not end with it, and have only letters, digits and -._~ in between")
        }
        // Clients take such a segment out of a path before they send it (RFC 3986, section 5.2.4).
        guard !path.split(separator: "/").contains(where: { $0 == "." || $0 == ".." }) else {
            throw SettingError("must not have . or .. between two /: clients leave them out, and would reach nothing")
        }
    }
    static let allowedOrigins = Setting(
        "allowedOrigins", default: AllowedOrigins(text: ""),
        "Origins whose pages browsers let use the server (CORS), separated by commas; * is any."
    ) { origins throws(SettingError) in try origins.check() }
    static let allowCredentials = Setting(
        "allowCredentials", default: false, "Whether browsers send their cookies and certificates from these origins.")
    static let allowedHeaders = Setting(
        "allowedHeaders", default: "",
        "Further header fields that pages of these origins may send, separated by commas, such as traceparent."
    ) { names throws(SettingError) in
        for name in CrossOrigin.names(names) where !CrossOrigin.isName(name) {
            throw SettingError("has \(quoted(name)), which is no header field's name")
        }
    }
    static let title = Setting("title", default: "Martlet", "What the documentation calls the API.")
    static let docsAssets = Setting(
        "docsAssets", default: "assets/swagger-ui", "Folder with Swagger UI's files, for /docs."
    ) { folder throws(SettingError) in
        try ConfiguredPath.check(folder)
    } validateForStart: { folder throws(SettingError) in
        try SwaggerUI.checkFiles(in: folder)
    }
    static let threads = Setting("threads", default: 0, in: 0...1024, "Event loops; 0 makes one per core.")
    static let backlog = Setting(
        "backlog", default: 1024, in: 1...65535, "Connections that the system holds until they are accepted.")
    static let maxConnections = Setting(
        "maxConnections", default: 10_000, in: 1...1_000_000,
        "Open connections; a few further ones are for health, others wait in the backlog.")

    static let maxTargetSize = Setting(
        "maxTargetSize", default: .kibibytes(64), in: ByteCount(64)...mebibyte, "Path and query of a request.")
    static let maxHeaderFieldSize = Setting(
        "maxHeaderFieldSize", default: .kibibytes(8), in: ByteCount(64)...mebibyte, "One header field.")
    static let maxHeaderSize = Setting(
        "maxHeaderSize", default: .kibibytes(32), in: ByteCount(64)...mebibyte, "All header fields of a request.")
    static let maxHeaderFields = Setting(
        "maxHeaderFields", default: 100, in: 1...10_000, "Number of header fields of a request.")
    static let maxBodySize = Setting(
        "maxBodySize", default: .mebibytes(1), in: ByteCount(0)...ByteCount(1 << 30), "Body of a request.")

    static let maxPageBytes = Setting(
        "maxPageBytes", default: ByteCount(Page.defaultMaxBytes), in: .kibibytes(1)...ByteCount(1 << 30),
        "Bytes of the records of a page, after which it ends early.")
    static let maxBufferedBytes = Setting(
        "maxBufferedBytes", default: ByteCount(BufferBudget.defaultLimit), in: mebibyte...ByteCount(1 << 40),
        "What the server holds for all clients together: bodies, records and responses.")

    static let headerTimeout = Setting(
        "headerTimeout", default: .seconds(10), in: shortest...longest,
        "From a request's first byte to the end of its head.")
    static let bodyTimeout = Setting(
        "bodyTimeout", default: .seconds(30), in: shortest...longest,
        "From the end of a request's head to the end of its body.")
    static let writeTimeout = Setting(
        "writeTimeout", default: .seconds(30), in: shortest...longest,
        "How long a client may take nothing of an answer before the connection is cut.")
    static let idleTimeout = Setting(
        "idleTimeout", default: .seconds(75), in: shortest...longest,
        "How long a connection may wait for its next request.")

    static let accessLog = Setting("accessLog", default: true, "One log line for each request.")

    public static var settings: [any SettingDescription] {
        [
            host, port, unixSocket, unixSocketMode, basePath, allowedOrigins, allowCredentials, allowedHeaders, title,
            docsAssets, threads, backlog,
            maxConnections,
            maxTargetSize, maxHeaderFieldSize, maxHeaderSize, maxHeaderFields, maxBodySize, maxPageBytes,
            maxBufferedBytes,
            headerTimeout, bodyTimeout, writeTimeout, idleTimeout, accessLog,
        ]
    }

    private static let mebibyte = ByteCount.mebibytes(1)
    private static let shortest = Duration.milliseconds(1)
    private static let longest = Duration.seconds(86400)

    private static func isPath(_ path: String) -> Bool {
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        return segments.first?.isEmpty == true && segments.count > 1
            && segments.dropFirst().allSatisfy { segment in
                !segment.isEmpty && segment.utf8.allSatisfy { $0.isLetterOrDigit || "-._~".utf8.contains($0) }
            }
    }
}

extension Limits {
    init(_ context: PluginContext) throws(SettingError) {
        targetSize = try context[HTTPTransport.maxTargetSize].bytes
        fieldSize = try context[HTTPTransport.maxHeaderFieldSize].bytes
        headerSize = try context[HTTPTransport.maxHeaderSize].bytes
        fieldCount = try context[HTTPTransport.maxHeaderFields]
        bodySize = try context[HTTPTransport.maxBodySize].bytes
        pageBytes = try context[HTTPTransport.maxPageBytes].bytes
    }
}

extension CrossOrigin {
    convenience init?(_ context: PluginContext, _ endpoints: [EndpointDescription]) throws(SettingError) {
        let origins = try context[HTTPTransport.allowedOrigins]
        let withCredentials = try context[HTTPTransport.allowCredentials]
        guard !(origins.isAny && withCredentials) else {
            throw SettingError(
                "can't be true while any origin is allowed: list the origins that may send credentials",
                setting: HTTPTransport.allowCredentials.name)
        }
        self.init(
            origins, withCredentials: withCredentials,
            furtherFields: CrossOrigin.names(try context[HTTPTransport.allowedHeaders]), endpoints)
    }
}

extension Timeouts {
    init(_ context: PluginContext) throws(SettingError) {
        header = TimeAmount(try context[HTTPTransport.headerTimeout])
        body = TimeAmount(try context[HTTPTransport.bodyTimeout])
        write = TimeAmount(try context[HTTPTransport.writeTimeout])
        idle = TimeAmount(try context[HTTPTransport.idleTimeout])
    }
}

extension ServerSettings {
    init(_ context: PluginContext) throws(SettingError) {
        let path = try context[HTTPTransport.unixSocket]
        socketMode = UnixSocketFile.mode(try context[HTTPTransport.unixSocketMode])
        let host = try context[HTTPTransport.host]
        let port = try context[HTTPTransport.port]
        address = path.isEmpty ? .tcp(host: host, port: port) : .unix(path: path)
        threads = try context[HTTPTransport.threads]
        backlog = try context[HTTPTransport.backlog]
        maxConnections = try context[HTTPTransport.maxConnections]
    }
}
