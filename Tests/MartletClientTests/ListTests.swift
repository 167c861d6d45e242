import MartletClient
import MartletModel
import Testing
import UsersModel

/// Lists are fetched page after page, along the links that the server gives.
@Suite struct ListTests {
    /// Three pages under `/users`, with whatever links.
    private func server(_ links: [String: String]) throws -> TestServer {
        try TestServer { request in
            let target = String(request.target.dropFirst("GET ".count))
            let page =
                target.hasSuffix("c=3") ? "[]" : target.hasSuffix("c=2") ? "[\(json(3))]" : "[\(json(1)),\(json(2))]"
            return answer("200 OK", page, links[target].map { "Link: \($0)" } ?? "X-Last: yes")
        }
    }

    @Test func `list gives every record of every page, and fetches no page before it is needed`() async throws {
        let server = try server([
            "/users?limit=2": #"</users?limit=2&c=2>; rel="next""#,
            "/users?limit=2&c=2": #"</users>; rel="first", <?limit=2&c=3>; rel="prev next""#,
        ])
        defer { server.stop() }
        let users = try MartletClient(server.url).resource(User.self)
        var ids: [Int64] = []
        for try await user in users.list(limit: 2) {
            ids.append(user.id)
            #expect(server.requests.count == (ids.count <= 2 ? 1 : 2))
        }
        #expect(ids == [1, 2, 3])
        #expect(
            server.requests.map(\.target)
                == ["/users?limit=2", "/users?limit=2&c=2", "/users?limit=2&c=3"].map { "GET " + $0 })
        #expect(server.requests.allSatisfy { $0["Accept"] == "application/json" })
    }

    @Test func `pages gives the pages, each time from the first`() async throws {
        let server = try server(["/users": "</users?c=2>; rel=next"])
        defer { server.stop() }
        let pages = try MartletClient(server.url).resource(User.self).list().pages
        for _ in 1...2 {
            var counts: [Int] = []
            for try await page in pages { counts.append(page.count) }
            #expect(counts == [2, 1])
        }
    }

    @Test func `A link to the whole URL of the same server is followed`() async throws {
        let server = try TestServer { request in
            let host = request["Host"] ?? ""
            return request.target == "GET /users"
                ? answer("200 OK", "[\(json(1))]", "Link: <HTTP://\(host)/users?c=2#part>; rel=next")
                : answer("200 OK", "[\(json(2))]")
        }
        defer { server.stop() }
        var ids: [Int64] = []
        for try await user in try MartletClient(server.url).resource(User.self).list() { ids.append(user.id) }
        #expect(ids == [1, 2])
        #expect(server.requests.map(\.target) == ["GET /users", "GET /users?c=2"])
    }

    @Test(arguments: [
        "<http://127.0.0.1:1/users>", "<//martlet.test/users>", "<https://127.0.0.1/users>",
        "<http://a:b@127.0.0.1/users>",
        "<file:///etc/passwd>", "</users>", "<>", "<#top>", "<http://[>",
    ])
    func `A link that leaves the server or leads nowhere is an error, not the end`(_ link: String) async throws {
        let server = try server(["/users": link + "; rel=next"])
        defer { server.stop() }
        let users = try MartletClient.client(server.url) { $0.headers = ["Authorization": "secret"] }.resource(
            User.self)
        var iterator = users.list().pages.makeAsyncIterator()
        do throws(MartletError) {
            _ = try await iterator.next(isolation: nil)
            Issue.record("the link was taken")
        } catch {
            guard case .invalidResponse(_, mayHaveTakenEffect: false) = error else {
                Issue.record("\(error)")
                return
            }
        }
        #expect(server.requests.count == 1)
    }

    @Test func `A page that fails throws its problem, and is tried again when asked for again`() async throws {
        let server = try TestServer { request in
            switch request.target {
            case "GET /users": answer("200 OK", "[\(json(1))]", "Link: </users?c=2>; rel=next")
            default:
                answer("400 Bad Request", #"{"code":"invalid_parameter"}"#, "Content-Type: application/problem+json")
            }
        }
        defer { server.stop() }
        var iterator = try MartletClient(server.url).resource(User.self).list().makeAsyncIterator()
        #expect(try await iterator.next(isolation: nil)?.id == 1)
        for _ in 1...2 {
            do throws(MartletError) {
                _ = try await iterator.next(isolation: nil)
                Issue.record("no error")
            } catch {
                #expect(error.problem?.code == .invalidParameter)
            }
        }
        #expect(server.requests.count == 3)
    }
}
