import Testing

@testable import PostgresStorage

struct ConnectionStringTests {
    private static let user = "postgresql://me:s3cret@db.example.org"

    @Test(arguments: [
        "\(user)/app", "postgres://db/app", "postgresql:///app?host=/tmp/a&user=me@corp", "\(user):5432,other:5433/app",
        "postgresql://[::1]:5432/app?sslmode=require&ssl=true", "host=/tmp dbname=app password='s3 cret'", "dbname=app",
        "postgresql://me:s3%40cr%2Fet@db/app?options=-csearch_path%3Dapp,public", "postgresql://",
        "postgresql://db:5432/app?user=me@corp&password=s3cret",
    ])
    func `what libpq reads is no mistake`(_ url: String) {
        #expect(ConnectionStringMistake.description(of: url) == nil)
    }

    @Test(arguments: [
        ("postgresql+asyncpg://me:s3cret@db/app", ["the scheme postgresql+asyncpg", "write postgresql://"]),
        ("postgres+psycopg2://me:s3cret@db/app", ["the scheme postgres+psycopg2", "write postgresql://"]),
        ("jdbc:postgresql://db/app?user=me&password=s3cret", ["jdbc:", "write postgresql://"]),
        ("mysql://me:s3cret@db/app", ["the scheme mysql"]), ("PostgreSQL://me:s3cret@db/app", ["lower case"]),
        ("", ["is empty"]), ("s3cret", ["has no scheme"]),
        ("\(user)/app?schema=public", ["the parameter schema", "options=-csearch_path%3D"]),
        ("\(user)/app?currentSchema=a", ["the parameter currentSchema", "options=-csearch_path%3D"]),
        ("\(user)/app?sslmod=require", ["the parameter sslmod", "is it sslmode?"]),
        ("\(user)/app?pgbouncer=true", ["the parameter pgbouncer", "leave it out"]),
        ("\(user):abc/app", ["a port that is no number"]), ("\(user):70000/app", ["a port that is no number"]),
        ("\(user):0/app", ["a port that is no number"]), ("postgresql://me:s3cret/app", ["a port that is no number"]),
        ("postgresql://me:s3@cret@db/app", ["%40"]), ("postgresql://me:s3/cret@db/app", ["%2F"]),
        ("postgresql://me:s3?cret@db/app", ["%3F"]), ("postgresql://me:s3%cret@db/app", ["%25"]),
        ("\(user)/app?user=a&s3cret", ["a parameter without a value"]),
        ("host=db schema=app", ["the keyword schema", "options=-csearch_path%3D"]),
        ("host=db password=s3 cret=x", ["keywords and values", "single quotes"]),
        ("host=db password='s3cret", ["keywords and values"]),
    ])
    func `a mistake is named with what to write, and nothing of a password`(_ url: String, _ parts: [String]) {
        let mistake = ConnectionStringMistake.description(of: url) ?? "none"
        for part in parts { #expect(mistake.contains(part), "\(mistake)") }
        for secret in ["s3", "cret"] { #expect(!mistake.contains(secret), "\(mistake)") }
    }
}
