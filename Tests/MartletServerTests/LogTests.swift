import Foundation
import Logging
import MartletKernel
import Testing

@testable import MartletServer

@Suite struct LogTests {
    /// What one event looks like.
    private func line(
        _ format: LogFormat, _ message: String, _ metadata: Logger.Metadata = [:], at time: Int64 = 0
    ) throws -> String {
        try line(format, at: time) { handler in
            handler.log(
                event: LogEvent(
                    level: .info, message: "\(message)", metadata: metadata, source: "", file: "", function: "", line: 0
                ))
        }
    }

    private func line(_ format: LogFormat, at time: Int64 = 0, _ body: (LineLogHandler) -> Void) throws -> String {
        var ends: [CInt] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { close(ends[0]) }
        let output = LogOutput(descriptor: ends[1])
        let handler = LineLogHandler(
            label: "a.b", format: format, output: output, clock: { time }, logLevel: .info)
        body(handler)
        output.flush()
        close(ends[1])
        return String(decoding: try FileHandle(fileDescriptor: ends[0]).readToEnd() ?? Data(), as: UTF8.self)
    }

    private func object(_ line: String) throws -> [String: Any] {
        #expect(line.hasSuffix("}\n") && line.utf8.count <= LineLogHandler.limit)
        return try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
    }

    @Test func `a JSON line has its fields in order`() throws {
        #expect(
            try line(.json, "hello", ["b": "x", "a": .stringConvertible(7)], at: 1_715_000_000_000_001)
                == """
                {"time":"2024-05-06T12:53:20.000001Z","level":"info","label":"a.b","message":"hello",\
                "metadata":{"a":7,"b":"x"}}

                """)
    }

    @Test func `a text line reads like a sentence with values`() throws {
        #expect(
            try line(.text, "hello", ["b": "x y", "a": .stringConvertible(7), "c": "", "d": ["e", "f"]])
                == "1970-01-01T00:00:00.000000Z info a.b: hello a=7 b=\"x y\" c=\"\" d=e,f\n")
    }

    @Test func `JSON escapes what it has to, and nothing else`() throws {
        let text = "\"\\/\n\r\t\u{0}\u{1F}\u{7F}\u{85}é😀\u{2028}"
        let object = try object(line(.json, text, ["k\n": "\(text)"]))
        #expect(object["message"] as? String == text)
        #expect(object["metadata"] as? [String: String] == ["k\n": text])
    }

    @Test(arguments: [LogFormat.json, .text])
    func `a request's line is that of its metadata`(_ format: LogFormat) throws {
        let odd = "\"\\ \u{1}é"
        for (bytes, microseconds, path) in [(0, 0, nil), (57, 7, "/x"), (Int.max, 12_345_678, odd), (1, 1_020, nil)] {
            for route in ["/users/{id}", odd, String(repeating: odd, count: 300)] {
                let request = RequestLogEntry(
                    method: "GET", route: route, status: 200, bytes: bytes, microseconds: Int64(microseconds),
                    requestID: "8f14e45f", path: path)
                try #expect(line(format) { $0.log(request) } == line(format, "request", request.metadata))
            }
        }
    }

    @Test func `nothing reaches a terminal as a command`() throws {
        let text = try line(.text, "a\u{1B}[2Jb\u{9B}c\nd", ["k": "\u{1B}\"\n"])
        #expect(text.hasSuffix("a\\u{1b}[2Jb\\u{9b}c\\nd k=\"\\u{1b}\\\"\\n\"\n"))
    }

    @Test func `metadata of any shape stays valid`() throws {
        let metadata: Logger.Metadata = [
            "list": ["a", .stringConvertible(1), ["x": "y"]], "object": ["n": ["m": "o"]],
            "negative": .stringConvertible(-5), "big": .stringConvertible(UInt64.max),
            "double": .stringConvertible(1.5), "flag": .stringConvertible(true),
        ]
        let found = try #require(object(line(.json, "", metadata))["metadata"] as? [String: Any])
        #expect(found["negative"] as? Int == -5)
        #expect(found["big"] as? UInt64 == .max)
        #expect(found["double"] as? String == "1.5")
        #expect((found["list"] as? [Any])?.count == 3)
        #expect((found["object"] as? [String: [String: String]]) == ["n": ["m": "o"]])
    }

    @Test func `what is too long or too deep is cut, and the line stays whole`() throws {
        let long = String(repeating: "\u{1}é😀", count: 5000)
        _ = try object(line(.json, long, ["a": "\(long)", "b": "c"]))
        _ = try object(line(.json, "m", ["a": "\(long)", "b": .array(Array(repeating: "x", count: 9999))]))
        _ = try object(line(.json, "m", [long: "x"]))
        _ = try object(line(.json, "m", ["a": .array(Array(repeating: ["k": "v"], count: 9999))]))
        let deep = (0..<5000).reduce("x" as Logger.MetadataValue) { inner, _ in ["k": inner] }
        _ = try object(line(.json, "m", ["a": deep]))
        let deepList = (0..<5000).reduce("x" as Logger.MetadataValue) { inner, _ in [inner] }
        _ = try object(line(.json, "m", ["a": deepList]))
        let text = try line(.text, long, ["a": "\(long)"])
        #expect(text.hasSuffix("\n") && text.utf8.count <= LineLogHandler.limit)
    }

    @Test func `every length around the limit is a whole line`() throws {
        for length in 3800...4100 {
            let object = try object(line(.json, String(repeating: "x", count: length), ["key": "value"]))
            #expect((object["message"] as? String)?.isEmpty == false)
        }
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z"), (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
            (4_107_542_399_999_999, "2100-02-28T23:59:59.999999Z"),
            (4_107_542_400_000_000, "2100-03-01T00:00:00.000000Z"),
            (-1, "1969-12-31T23:59:59.999999Z"), (-62_135_596_800_000_000, "0001-01-01T00:00:00.000000Z"),
            (1_735_689_599_000_000, "2024-12-31T23:59:59.000000Z"),
        ] as [(Int64, String)])
    func `times are RFC 3339 with microseconds`(time: Int64, text: String) throws {
        #expect(try line(.text, "", at: time).hasPrefix(text))
    }

    /// A pipe, and the log that is written to it.
    private func withLogPipe(_ body: (_ output: LogOutput, _ reader: FileHandle) throws -> Void) throws {
        signal(SIGPIPE, SIG_IGN)
        var ends: [CInt] = [0, 0]
        try #require(pipe(&ends) == 0)
        let reader = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
        defer { close(ends[1]) }
        try body(LogOutput(descriptor: ends[1], timeout: 1), reader)
    }

    private func write(_ text: String, to output: LogOutput, isUrgent: Bool = false) -> Int {
        Array(text.utf8).withUnsafeBytes { output.write($0, isUrgent: isUrgent) }
    }

    @Test func `a reader that stands still doesn't hold the server, and learns how much it missed`() throws {
        try withLogPipe { output, reader in
            let line = String(repeating: "x", count: 4095) + "\n"
            // A pipe holds 64 KiB, the buffer 256 KiB, and what is being written is as much: far fewer than these.
            for _ in 0..<1000 { #expect(write(line, to: output) == 0) }
            // There is still room for a warning.
            let dropped = write("warning\n", to: output, isUrgent: true)
            #expect((1..<1000).contains(dropped))
            var taken = Data()
            while !taken.hasSuffix("warning\n") { taken += reader.availableData }
            #expect(taken.count == (1000 - dropped) * line.utf8.count + 8)
            #expect(write(line, to: output) == 0)
        }
    }

    @Test func `a line comes by itself, and a warning at once, after the lines before it`() throws {
        try withLogPipe { output, reader in
            #expect(write("first\n", to: output) == 0)
            #expect(String(decoding: reader.availableData, as: UTF8.self) == "first\n")
            #expect(write("second\n", to: output) == 0)
            #expect(write("warning\n", to: output, isUrgent: true) == 0)
            #expect(String(decoding: reader.availableData, as: UTF8.self) == "second\nwarning\n")
        }
    }

    @Test func `each write takes whole lines, and as many as a pipe takes at once`() throws {
        // A socket that keeps apart what each write gave.
        var ends: [CInt] = [0, 0]
        try #require(socketpair(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0, &ends) == 0)
        defer { ends.forEach { close($0) } }
        let output = LogOutput(descriptor: ends[1])
        let line = String(repeating: "x", count: 999) + "\n"
        for _ in 0..<10 { #expect(write(line, to: output) == 0) }
        output.flush()
        var sizes: [Int] = []
        var buffer = [UInt8](repeating: 0, count: 10_000)
        while sizes.reduce(0, +) < 10 * line.utf8.count { sizes.append(recv(ends[0], &buffer, buffer.count, 0)) }
        #expect(sizes.allSatisfy { (1...4).contains($0 / 1000) && $0 % 1000 == 0 })
        #expect(sizes.count < 10)
    }

    @Test func `a reader that is gone is no error`() throws {
        signal(SIGPIPE, SIG_IGN)
        var ends: [CInt] = [0, 0]
        try #require(pipe(&ends) == 0)
        close(ends[0])
        defer { close(ends[1]) }
        let output = LogOutput(descriptor: ends[1])
        #expect(write("a\n", to: output, isUrgent: true) == 0)
        // The line before was lost.
        #expect(write("b\n", to: output, isUrgent: true) == 1)
    }
}

extension Data {
    fileprivate func hasSuffix(_ text: String) -> Bool {
        suffix(text.utf8.count).elementsEqual(text.utf8)
    }
}
