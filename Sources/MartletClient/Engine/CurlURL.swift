import CCurl

/// A URL taken apart by libcurl, so that nobody here reads one differently than who connects to it.
final class CurlURL {
    private let handle: OpaquePointer

    /// - Returns: nil when `text` is no absolute URL.
    init?(_ text: String) {
        guard let handle = curl_url() else { return nil }
        guard !text.utf8.contains(0), curl_url_set(handle, CURLUPART_URL, text, 0) == CURLUE_OK else {
            curl_url_cleanup(handle)
            return nil
        }
        self.handle = handle
    }

    deinit {
        curl_url_cleanup(handle)
    }

    /// A part as it is spelled, or nil. The port is the scheme's when none is given.
    subscript(part: CURLUPart) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(handle, part, &text, UInt32(CURLU_DEFAULT_PORT)) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }

    /// Becomes what `reference` means here. curl_url_set(3): a URL that is set on a URL is taken relative to it.
    func follow(_ reference: String) -> Bool {
        !reference.utf8.contains(0) && curl_url_set(handle, CURLUPART_URL, reference, 0) == CURLUE_OK
    }

    func removeFragment() {
        curl_url_set(handle, CURLUPART_FRAGMENT, nil, 0)
    }
}
