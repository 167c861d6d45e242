import MartletKernel
import MartletModel
import NIOCore
import NIOEmbedded
import Testing
import UsersModel

@testable import HTTPTransport

/// The small parts, each on its own.
struct PartsTests {
    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
        (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"), (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
        (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"), (-62_135_596_800, "Mon, 01 Jan 0001 00:00:00 GMT"),
    ])
    func `a date is the one of its second`(second: Int, text: String) {
        #expect(DateField.format(Int64(second)) == text)
    }

    @Test func `a time that no date can tell has none`() {
        var field = DateField()
        #expect(field.line(now: 784_111_777_000_000) == Array("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n".utf8))
        for now in [.min, .max, 253_402_300_800_000_000, -62_135_596_800_000_001] as [Int64] {
            #expect(field.line(now: now).isEmpty)
        }
    }

    @Test func `the memory of a response is used again, unless the channel still has it`() {
        let loop = LoopContext(EmbeddedEventLoop(), .system)
        var first = loop.takeBuffer()
        first.reserveCapacity(1 << 13)
        first.writeString("a response")
        // Not within #expect, which holds the values that it may have to print.
        let isFirstReused = loop.recycle(consume first)
        #expect(isFirstReused)
        var second = loop.takeBuffer()
        #expect(second.readableBytes == 0 && second.capacity >= 1 << 13)
        second.writeString("another")
        let held = second
        let isSecondReused = loop.recycle(consume second)
        #expect(!isSecondReused)
        var third = loop.takeBuffer()
        third.writeString("a third")
        #expect(String(buffer: held) == "another")
        // What was long isn't kept.
        third.reserveCapacity(1 << 18)
        let isThirdReused = loop.recycle(consume third)
        #expect(!isThirdReused)
    }

    @Test func `the routes are those of every resource, and the server's own`() {
        let routes = HTTPInterface([User.schema.resource], basePath: "/api").listings(basePath: "/api")
        #expect(
            routes.map { "\($0.method) \($0.path)" } == [
                "GET /api/users", "POST /api/users", "GET /api/users/{id}", "PUT /api/users/{id}",
                "PATCH /api/users/{id}", "DELETE /api/users/{id}", "POST /api/batch", "GET /api/health/live",
                "GET /api/health/ready", "GET /api/openapi.json", "GET /api/docs",
            ])
    }

    @Test(arguments: [
        ("", true), ("/api", true), ("/a/b-c.d_e~f", true), ("api", false), ("/", false), ("/api/", false),
        ("/a//b", false), ("/a b", false), ("/é", false),
    ])
    func `a base path is one or more plain segments`(path: String, isValid: Bool) {
        #expect(((try? HTTPTransport.basePath.check(path)) != nil) == isValid)
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.9.9.9", true), ("::1", true), ("0.0.0.0", false), ("::", false),
        ("192.168.1.1", false), ("::ffff:127.0.0.1", false),
    ])
    func `only loopback addresses are this machine's own`(address: String, isLocal: Bool) throws {
        #expect(try SocketAddress(ipAddress: address, port: 80).isLocal == isLocal)
    }
}
