import Testing

@testable import PostgresStorage

struct ConnectionStringTests {
    private static let user = "postgresql://me:s3cret@db.example.org"

    @Test(arguments: [
        "\(user)/app", "postgres://db/app", "postgresql:///app?host=/tmp/a&user=me@corp", "\(user):5432,other:5433/app",
        "postgresql://[::1]:5432/app?sslmode=require&ssl=true", "host=/tmp dbname=app password='s3 cret'", "dbname=app",
        "postgresql://me:s3%40cr%2Fet@db/app?options=-csearch_path%3Dapp,public", "postgresql://",
        "postgresql://db:5432/app?user=me@corp&password=s3cret", "host=db\ndbname=app", "host=a,b port=5432",
        "\(user)/app?sslmode=verify-full&sslrootcert=system&connect_timeout=3&keepalives=1",
        "\(user)/app?options=-c%20search_path%3Dapp%20--statement_timeout%3D5s&target_session_attrs=primary",
        "hostaddr=127.0.0.1,::1 port=5432,5433",
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
        ("postgresql://me:12/s3cret@db/app", ["%2F"]), ("postgresql://me:s@3/cret@db/app", ["%2F"]),
        ("postgresql://me:a@x/b?sslmode=s3cret@db:5/app", ["%3F", "%40"]),
        ("\(user)/app?sslmode=s3cret", ["sslmode", "verify-full"]),
        ("\(user)/app?connect_timeout=s3cret", ["connect_timeout", "no whole number"]),
        ("\(user)/app?target_session_attrs=s3cret", ["target_session_attrs", "read-write"]),
        ("\(user)/app?gssencmode=s3cret", ["gssencmode"]), ("\(user)/app?channel_binding=s3cret", ["channel_binding"]),
        ("\(user)/app?ssl_min_protocol_version=s3cret", ["ssl_min_protocol_version", "TLSv1.2"]),
        ("\(user)/app?keepalives=s3cret", ["keepalives"]), ("\(user)/app?replication=s3cret", ["replication"]),
        ("\(user)/app?options=-csearch_path", ["search_path%3D"]),
        ("\(user)/app?options=-c%20search_path", ["search_path%3D"]),
        ("\(user)/app?options=-csearch_path=app", ["%3D"]),
        ("host=a,b port=1,2,3 user=s3cret", ["3 values for port and 2 for host"]), ("host=db port=s3cret", ["port"]),
        ("hostaddr=s3cret", ["no IP address"]), ("host=a,b hostaddr=127.0.0.1", ["one for each server"]),
        ("\(user)/app\n# s3cret", ["on one line"]), (" \(user)/app", ["begins with a space"]),
        ("'\(user)/app'", ["begins with a quote"]), ("${s3cret}", ["placeholder"]),
        ("postgresql://me:s3cret@[::1:5/app", ["bracket"]),
        ("host=db passwd=s3cret", ["the keyword passwd", "password="]),
    ])
    func `a mistake is named with what to write, and nothing of a password`(_ url: String, _ parts: [String]) {
        let mistake = ConnectionStringMistake.description(of: url) ?? "none"
        for part in parts { #expect(mistake.contains(part), "\(mistake)") }
        for secret in ["s3", "cret"] { #expect(!mistake.contains(secret), "\(mistake)") }
    }

    @Test(arguments: [
        ("\(user)/app?service=s3cret", "pg_service.conf"), ("service=s3cret", "pg_service.conf"),
        ("\(user)/app?sslmode=verify-full&sslrootcert=/s3cret", "sslrootcert"),
    ])
    func `a file that isn't on this machine is no mistake of the string itself`(_ url: String, _ part: String) {
        #expect(ConnectionStringMistake.description(of: url) == nil)
        let missing = ConnectionStringValues(url)?.missingFile ?? "none"
        #expect(missing.contains(part) && !missing.contains("cret"), "\(missing)")
    }
}
