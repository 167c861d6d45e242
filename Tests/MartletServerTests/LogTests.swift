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
        var ends: [CInt] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { close(ends[0]) }
        let handler = LineLogHandler(
            label: "a.b", format: format, output: LogOutput(descriptor: ends[1]), clock: { time }, logLevel: .info)
        handler.log(
            event: LogEvent(
                level: .info, message: "\(message)", metadata: metadata, source: "", file: "", function: "", line: 0))
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

    @Test func `a reader that stands still doesn't hold the server, and learns how much it missed`() throws {
        var ends: [CInt] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { ends.forEach { close($0) } }
        let output = LogOutput(descriptor: ends[1], patience: 1)
        let line = [UInt8](repeating: UInt8(ascii: "x"), count: 4096)
        func write() -> Int { line.withUnsafeBytes { output.write($0) } }
        // A pipe holds 64 KiB: far fewer than these.
        for _ in 0..<100 { #expect(write() == 0) }
        var taken = [UInt8](repeating: 0, count: 1 << 20)
        let count = read(ends[0], &taken, taken.count)
        #expect(count > 0 && count % 4096 == 0)
        #expect(write() == 100 - count / 4096)
        #expect(write() == 0)
    }

    @Test func `a reader that is gone is no error`() throws {
        signal(SIGPIPE, SIG_IGN)
        var ends: [CInt] = [0, 0]
        try #require(pipe(&ends) == 0)
        close(ends[0])
        defer { close(ends[1]) }
        let output = LogOutput(descriptor: ends[1])
        #expect([1, 2].map { UInt8($0) }.withUnsafeBytes { output.write($0) } == 0)
        #expect([1, 2].map { UInt8($0) }.withUnsafeBytes { LogOutput(descriptor: -1).write($0) } == 0)
    }
}
