import CCurl

/// Sets options of an easy handle and remembers whether libcurl took them all.
struct EasyOptions {
    private(set) var areAccepted = true
    private let easy: UnsafeMutableRawPointer

    init(_ easy: UnsafeMutableRawPointer) {
        self.easy = easy
    }

    mutating func set(_ option: CURLoption, _ value: Int) {
        note(curl_shim_set_long(easy, option, value))
    }

    mutating func set(_ option: CURLoption, _ value: String) {
        note(curl_shim_set_string(easy, option, value))
    }

    mutating func set(_ option: CURLoption, _ value: UnsafeRawPointer?) {
        note(curl_shim_set_pointer(easy, option, value))
    }

    mutating func set(_ option: CURLoption, _ value: UnsafeMutablePointer<curl_slist>) {
        note(curl_shim_set_list(easy, option, value))
    }

    mutating func set(_ option: CURLoption, _ callback: @escaping curl_write_callback) {
        note(curl_shim_set_data_callback(easy, option, callback))
    }

    mutating func setPrerequisite(_ callback: @escaping curl_prereq_callback) {
        note(curl_shim_set_prereq_callback(easy, callback))
    }

    private mutating func note(_ code: CURLcode) {
        if code != CURLE_OK { areAccepted = false }
    }
}

// MARK: - What is set

extension EasyOptions {
    /// What is the same for every request.
    mutating func setCommon(_ settings: EngineSettings) {
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        set(CURLOPT_HTTP_CONTENT_DECODING, 0)
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        note(curl_shim_set_uninherited_sockets(easy))
        set(CURLOPT_USERAGENT, "martlet-client")
        // The path goes out as it is, dot segments too.
        set(CURLOPT_PATH_AS_IS, 1)
        // A proxy's answer to CONNECT is not the server's.
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        // A server closes connections that nobody uses (ours after 75 s): leave them before it does, as a write that
        // meets the closing fails. Seconds without use.
        set(CURLOPT_MAXAGE_CONN, 45)
        // Removing a transfer whose name is still being resolved would wait for the resolver, and every other transfer
        // with it (`Curl_resolver_kill` in lib/asyn-thread.c).
        set(CURLOPT_QUICK_EXIT, 1)
        if let path = settings.unixSocket { set(CURLOPT_UNIX_SOCKET_PATH, path) }
        // CURLOPT_PROXY(3): the empty string disables the environment's proxy too.
        if settings.bypassesProxy { set(CURLOPT_PROXY, "") }
    }

    mutating func setRequest(_ request: EngineRequest) {
        set(CURLOPT_URL, request.url)
        // 0 would mean no limit.
        let remaining = (request.deadline - .now).roundedUpMilliseconds(atMost: Int64(Int32.max))
        set(CURLOPT_TIMEOUT_MS, Int(max(1, remaining)))
        setMethod(request.method, hasBody: request.body != nil)
        if let body = request.body { setBody(body) }
    }

    private mutating func setMethod(_ method: HTTPMethod, hasBody: Bool) {
        switch method {
        case .head: set(CURLOPT_NOBODY, 1)
        case .get where !hasBody: set(CURLOPT_HTTPGET, 1)
        default:
            set(hasBody ? CURLOPT_POST : CURLOPT_HTTPGET, 1)
            set(CURLOPT_CUSTOMREQUEST, method.rawValue)
        }
    }

    private mutating func setBody(_ body: [UInt8]) {
        note(curl_shim_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
        body.withUnsafeBytes { bytes in
            // libcurl copies, but takes nil for "no body" even where the size is 0.
            withUnsafeBytes(of: UInt8(0)) { none in
                set(CURLOPT_COPYPOSTFIELDS, bytes.baseAddress ?? none.baseAddress)
            }
        }
    }
}
