import MartletModel
import Testing

@testable import HTTPTransport

/// Keys that clients assign, and their place in paths.
struct KeyTests {
    @Test func `PUT makes a record whose key the client assigns`() async throws {
        try await TestServer.run { server throws in
            let made = try server.call("PUT", "/pages/a", #"{"title":"A","slug":"a"}"#)
            #expect(made.status == 201 && made["Location"] == "/pages/a" && made["Content-Location"] == nil)
            #expect(made.body == #"{"slug":"a","title":"A","views":0,"note":null,"parent":null}"#)
            let replaced = try server.call("PUT", "/pages/a", #"{"title":"B"}"#)
            #expect(replaced.status == 200 && replaced["Content-Location"] == "/pages/a" && replaced["Location"] == nil)

            let onlyNew = "If-None-Match: *"
            #expect(try server.call("PUT", "/pages/a", #"{"title":"C"}"#, onlyNew).problemCode == "precondition_failed")
            #expect(try server.call("PUT", "/pages/b", #"{"title":"B"}"#, onlyNew).status == 201)
            for match in ["*", "\"1-00000000\""] {
                let answer = try server.call("PUT", "/pages/c", #"{"title":"C"}"#, "If-Match: \(match)")
                #expect(answer.problemCode == "precondition_failed")
            }
            #expect(try server.call("PUT", "/pages/c", #"{"title":"C","_version":1}"#).status == 412)
            #expect(try server.call("GET", "/pages/c").status == 404)
            #expect(try server.call("PUT", "/pages/a", #"{"title":"D"}"#, "If-Match: *").status == 200)
        }
    }

    @Test func `POST makes one too, and its key is taken then`() async throws {
        try await TestServer.run { server throws in
            let made = try server.call("POST", "/pages", #"{"slug":"a","title":"A"}"#)
            #expect(made.status == 201 && made["Location"] == "/pages/a")
            let taken = try server.call("POST", "/pages", #"{"slug":"a","title":"A"}"#)
            #expect(taken.problemCode == "unique_taken" && taken.errors == ["#/slug unique"])
            #expect(try server.call("POST", "/pages", #"{"title":"A"}"#).errors == ["#/slug required"])
        }
    }

    @Test func `a key can't be changed`() async throws {
        try await TestServer.run { server throws in
            _ = try server.call("PUT", "/pages/a", #"{"title":"A"}"#)
            let put = try server.call("PUT", "/pages/a", #"{"title":"A","slug":"b"}"#)
            #expect(put.status == 422 && put.errors == ["#/slug key_mismatch"])
            let patch = try server.call("PATCH", "/pages/a", #"{"slug":"a"}"#)
            #expect(patch.status == 422 && patch.errors == ["#/slug read_only"])
        }
    }

    @Test(arguments: [
        ("a/b", "a%2Fb", "a%2fb"), ("a b", "a%20b", "%61%20%62"), ("é", "%C3%A9", "%c3%a9"), ("?#", "%3F%23", "%3f%23"),
        ("100%", "100%25", "%31%30%30%25"), ("%2F", "%252F", "%252F"), ("/", "%2F", "%2f"), ("//", "%2F%2F", "%2f%2f"),
        ("a+b", "a%2Bb", "a+b"), ("batch", "batch", "%62atch"), ("~-._", "~-._", "%7E%2D%2E%5F"),
        ("😀", "%F0%9F%98%80", "%F0%9F%98%80"),
        ("\"\\{}", "%22%5C%7B%7D", "%22%5c{}"), ("\u{1}", "%01", "%01"), ("e\u{301}", "e%CC%81", "e%CC%81"),
    ])
    func `a key of any characters has its place`(key: String, segment: String, other: String) async throws {
        try await TestServer.run {
            $0.basePath = "/api"
        } _: { server throws in
            var writer = JSONWriter()
            writer.write(["slug": .string(key), "title": "T"])
            let body = writer.withBytes { String(decoding: $0, as: UTF8.self) }
            let made = try server.call("POST", "/api/pages", body)
            #expect(made.status == 201)
            let path = try #require(made["Location"])
            #expect(path == "/api/pages/\(segment)")
            for target in [path, "/api/pages/\(other)"] {
                let read = try server.call("GET", target)
                #expect(read.json?["slug"]?.string.map { Array($0.utf8) } == Array(key.utf8))
            }
            #expect(try server.call("PUT", path, body)["Content-Location"] == path)
            let patch = #"{"operations":[{"method":"PATCH","path":"\#(path)","body":{"note":"n"}}]}"#
            #expect(try server.call("POST", "/api/batch", patch).status == 200)
            #expect(try server.call("DELETE", path).status == 204)
            let put = try server.call("PUT", "/api/pages/\(other)", #"{"title":"T"}"#)
            #expect(put.status == 201 && put["Location"] == path)
        }
    }

    @Test(arguments: [
        ("/pages/", 404), ("/pages/%00", 400), ("/pages/%FF", 400), ("/pages/%C3", 400), ("/pages/a%", 400),
        ("/pages/a/b", 404), ("/pages/a/", 404), ("/pages/a%2F", 201), ("/pages%2Fa", 404), ("/pages/a%2Fb/c", 404),
        ("/pages/" + String(repeating: "x", count: 40), 201), ("/pages/" + String(repeating: "x", count: 41), 422),
        ("/pages/" + String(repeating: "%C3%A9", count: 40), 201),
        ("/pages/" + String(repeating: "%C3%A9", count: 41), 422),
    ])
    func `a path that can't be a key's is refused`(target: String, status: Int) async throws {
        try await TestServer.run { server throws in
            let answer = try server.call("PUT", target, #"{"title":"T"}"#)
            #expect(answer.status == status)
            if status == 422 { #expect(answer.errors == ["#/slug length"]) }
        }
    }

    @Test func `keys are equal if their bytes are`() async throws {
        try await TestServer.run { server throws in
            #expect(try server.call("PUT", "/pages/%C3%A9", #"{"title":"composed"}"#).status == 201)
            #expect(try server.call("PUT", "/pages/e%CC%81", #"{"title":"decomposed"}"#).status == 201)
            #expect(try server.call("GET", "/pages/%C3%A9").json?["title"] == "composed")
            let mismatch = try server.call("PUT", "/pages/%C3%A9", #"{"slug":"e\u0301","title":"T"}"#)
            #expect(mismatch.errors == ["#/slug key_mismatch"])
        }
    }

    @Test func `a UUID is read in any case, and written in lower case`() async throws {
        try await TestServer.run { server throws in
            let path = try #require(try server.call("POST", "/memos", #"{"text":""}"#)["Location"])
            #expect(path == path.lowercased() && path.utf8.count == "/memos/".utf8.count + 36)
            #expect(try server.call("GET", "/memos/" + path.dropFirst(7).uppercased()).status == 200)
            for key in ["1", "{\(path.dropFirst(7))}", String(path.dropFirst(7)) + "0"] {
                #expect(try server.call("GET", "/memos/\(key)").problemCode == "invalid_parameter")
            }
        }
    }
}
