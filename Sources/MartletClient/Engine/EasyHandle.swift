import CCurl

/// A libcurl easy handle, used for one transfer after another, and what has come in for the present one.
///
/// It belongs to the engine's thread. libcurl's callbacks reach it by an unretained pointer: it outlives every transfer
/// because the loop holds it from ``prepare(_:_:)`` to ``reset()``.
final class EasyHandle {
    let pointer: UnsafeMutableRawPointer
    /// libcurl writes a text here when a transfer fails.
    private let message: UnsafeMutablePointer<CChar>
    private var headerList: UnsafeMutablePointer<curl_slist>?
    private var method = HTTPMethod.get
    private var maxResponseSize = 0

    /// How often the request was begun to be sent.
    private var attempts = 0
    private var wasResendRefused = false
    private var head = ResponseHead()
    private var body: [UInt8] = []
    private var isTooLarge = false

    init?() {
        guard let pointer = curl_easy_init() else { return nil }
        self.pointer = pointer
        message = .allocate(capacity: Int(CURL_ERROR_SIZE))
        message.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        curl_easy_cleanup(pointer)
        curl_slist_free_all(headerList)
        message.deallocate()
    }

    /// Whether the server may have got the present request and acted on it.
    var mayHaveTakenEffect: Bool { attempts > 0 && !method.isSafe }

    /// Makes it ready for `request`.
    /// - Returns: whether libcurl takes all of it.
    func prepare(_ request: EngineRequest, _ settings: EngineSettings) -> Bool {
        method = request.method
        maxResponseSize = request.maxResponseSize
        guard let headerList = makeHeaderList(request) else { return false }
        self.headerList = headerList
        var options = EasyOptions(pointer)
        options.setCommon(settings)
        options.setRequest(request)
        options.set(CURLOPT_HTTPHEADER, headerList)
        setCallbacks(&options)
        return options.areAccepted
    }

    /// Forgets the transfer. Its connection stays with the multi handle.
    func reset() {
        curl_easy_reset(pointer)
        curl_slist_free_all(headerList)
        headerList = nil
        message.pointee = 0
        (attempts, wasResendRefused, isTooLarge) = (0, false, false)
        head = ResponseHead()
        body = []
    }

    /// What became of the transfer that ended with `code`.
    func result(_ code: CURLcode) -> Result<ClientResponse, MartletError> {
        guard code == CURLE_OK else { return .failure(failure(code)) }
        var status = 0
        guard curl_shim_get_long(pointer, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK, status >= 200 else {
            return .failure(failure(CURLE_WEIRD_SERVER_REPLY))
        }
        // libcurl is content with header fields that the connection's end cuts off, as it is with such a body of
        // unknown length. A "204 No Con" is not to be believed.
        guard head.isComplete else { return .failure(failure(CURLE_GOT_NOTHING)) }
        return .success(ClientResponse(status: status, headers: head.fields, body: body))
    }

    private func failure(_ code: CURLcode) -> MartletError {
        if isTooLarge { return .responseTooLarge(limit: maxResponseSize, mayHaveTakenEffect: mayHaveTakenEffect) }
        if code == CURLE_OPERATION_TIMEDOUT { return .timedOut(mayHaveTakenEffect: mayHaveTakenEffect) }
        if wasResendRefused {
            return .connection(
                ConnectionFailure(
                    reason: .lost, message: "the server closed a kept connection before it answered",
                    mayHaveTakenEffect: mayHaveTakenEffect))
        }
        let text = message.pointee == 0 ? String(cString: curl_easy_strerror(code)) : String(cString: message)
        return .connection(
            ConnectionFailure(
                reason: ConnectionFailure.Reason(code), message: text, mayHaveTakenEffect: mayHaveTakenEffect))
    }

    private func makeHeaderList(_ request: EngineRequest) -> UnsafeMutablePointer<curl_slist>? {
        // Without this, a body over 1 MiB waits up to a second for "100 Continue", and 417 makes libcurl send again.
        var lines = ["Expect:"]
        // With a body and no such header, libcurl says it were a form.
        if request.headers["Content-Type"] == nil { lines.append("Content-Type:") }
        for field in request.headers.fields {
            // CURLOPT_HTTPHEADER(3): a name with nothing behind its colon is taken out; a semicolon sends it empty.
            lines.append(field.value.utf8.allSatisfy(isBlank) ? "\(field.name);" : "\(field.name): \(field.value)")
        }
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            guard let longer = curl_slist_append(list, line) else {
                curl_slist_free_all(list)
                return nil
            }
            list = longer
        }
        return list
    }
}

// MARK: - What libcurl calls

extension EasyHandle {
    private func setCallbacks(_ options: inout EasyOptions) {
        let me = Unmanaged.passUnretained(self).toOpaque()
        options.set(CURLOPT_ERRORBUFFER, UnsafeRawPointer(message))
        options.set(CURLOPT_PREREQDATA, UnsafeRawPointer(me))
        options.set(CURLOPT_HEADERDATA, UnsafeRawPointer(me))
        options.set(CURLOPT_WRITEDATA, UnsafeRawPointer(me))
        options.setPrerequisite { me, _, _, _, _ in
            EasyHandle.from(me)?.mayBegin() ?? true ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
        }
        // Fewer bytes taken than were given end the transfer (CURLOPT_WRITEFUNCTION(3)).
        options.set(CURLOPT_HEADERFUNCTION) { bytes, size, count, me in
            guard let easy = EasyHandle.from(me) else { return 0 }
            return easy.takeHeader(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
        }
        options.set(CURLOPT_WRITEFUNCTION) { bytes, size, count, me in
            guard let easy = EasyHandle.from(me) else { return 0 }
            return easy.takeBody(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
        }
    }

    private static func from(_ pointer: UnsafeMutableRawPointer?) -> EasyHandle? {
        pointer.map { Unmanaged<EasyHandle>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Called when a connection is there, before anything of the request is sent.
    ///
    /// When a kept connection dies before the first byte of the answer, libcurl sends the request again on a new one,
    /// without a word (`Curl_retry_request` in lib/transfer.c; there is no option against it before 8.16.0's
    /// CURLOPT_FORBID_RETRY_ON_REUSE). The first one may have been carried out all the same. So a request that changes
    /// something isn't begun twice: it fails and says so. If it has an idempotency key, `RetryPolicy` sends it again.
    private func mayBegin() -> Bool {
        guard attempts == 0 || method.isSafe else {
            wasResendRefused = true
            return false
        }
        attempts += 1
        return true
    }

    private func takeHeader(_ line: UnsafeRawBufferPointer) -> Bool {
        head.take(line)
    }

    private func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= maxResponseSize - body.count else {
            isTooLarge = true
            return false
        }
        body.append(contentsOf: bytes)
        return true
    }
}
