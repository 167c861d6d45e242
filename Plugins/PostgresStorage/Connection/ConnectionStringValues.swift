import CPostgres
import Glibc

/// The values of a connection string, as libpq has split and decoded it, and what is wrong with them: libpq looks at them only
/// when it connects, and its messages repeat them. They may be parts of a password, so messages here have the keywords alone.
struct ConnectionStringValues {
    private var values: [String: String] = [:]

    /// Nil for what libpq can't read.
    init?(_ url: String) {
        guard let options = pq_conninfoParse(url, nil) else { return nil }
        defer { pq_conninfoFree(options) }
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
    }

    var mistake: String? {
        words ?? numbers ?? hosts ?? options ?? replication
    }

    /// What is wrong with a file that it needs on this machine.
    var missingFile: String? { certificate ?? service }

    /// <https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS>
    private static let allowed = [
        ("sslmode", ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]),
        ("gssencmode", ["disable", "prefer", "require"]), ("channel_binding", ["disable", "prefer", "require"]),
        ("sslnegotiation", ["postgres", "direct"]), ("load_balance_hosts", ["disable", "random"]),
        ("target_session_attrs", ["any", "read-write", "read-only", "primary", "standby", "prefer-standby"]),
        ("ssl_min_protocol_version", ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"]),
        ("ssl_max_protocol_version", ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"]),
    ]

    private static let whole = [
        "connect_timeout", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count",
        "tcp_user_timeout",
    ]

    private var words: String? {
        for (name, words) in Self.allowed {
            guard let value = values[name]?.lowercased(), !value.isEmpty else { continue }
            guard words.contains(where: { $0.lowercased() == value }) else {
                return "has a value for \(name) that is none of \(words.joined(separator: ", "))"
            }
        }
        return nil
    }

    private var numbers: String? {
        for name in Self.whole {
            guard let value = values[name], !value.isEmpty else { continue }
            let digits = value.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
            guard Int32(String(digits)) != nil else { return "has a value for \(name) that is no whole number" }
        }
        return nil
    }

    private func list(_ name: String) -> [Substring] {
        guard let value = values[name], !value.isEmpty else { return [] }
        return value.split(separator: ",", omittingEmptySubsequences: false)
    }

    private var hosts: String? {
        let (hosts, addresses, ports) = (list("host"), list("hostaddr"), list("port"))
        let count = max(addresses.isEmpty ? hosts.count : addresses.count, 1)
        if !hosts.isEmpty, !addresses.isEmpty, hosts.count != addresses.count {
            return "has \(hosts.count) values for host and \(addresses.count) for hostaddr: write one for each server"
        }
        if ports.count > 1, ports.count != count {
            return
                "has \(ports.count) values for port and \(count) for host: write one port for each host, or one for all"
        }
        guard ports.allSatisfy({ $0.isEmpty || (1...65535).contains(Int($0) ?? 0) }) else {
            return "has a value for port that is no number from 1 to 65535"
        }
        guard addresses.allSatisfy({ $0.isEmpty || Self.isAddress(String($0)) }) else {
            return "has a value for hostaddr that is no IP address: write names of hosts as host"
        }
        return nil
    }

    private static func isAddress(_ text: String) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 16)
        // A scope, as in fe80::1%eth0, is for getaddrinfo(3) alone.
        let address = String(text.prefix { $0 != "%" })
        return inet_pton(AF_INET, address, &bytes) == 1 || inet_pton(AF_INET6, address, &bytes) == 1
    }

    /// The arguments of `postgres`, of which a session may give settings.
    private var options: String? {
        var isSetting = false
        for word in (values["options"] ?? "").split(separator: " ") {
            let text =
                isSetting
                ? word : word.hasPrefix("-c") ? word.dropFirst(2) : word.hasPrefix("--") ? word.dropFirst(2) : nil
            isSetting = word == "-c"
            guard let text, !isSetting else { continue }
            guard text.contains("=") else {
                return "has options with a setting that has no value: write options=-csearch_path%3DNAME"
            }
        }
        return isSetting ? "has options that end with -c: write options=-csearch_path%3DNAME" : nil
    }

    private var replication: String? {
        guard let value = values["replication"]?.lowercased(), !["", "false", "off", "no", "0"].contains(value) else {
            return nil
        }
        return "has replication, with which a connection can't do what is needed: leave it out"
    }

    private var certificate: String? {
        guard ["verify-ca", "verify-full"].contains(values["sslmode"] ?? ""), let file = values["sslrootcert"],
            !file.isEmpty, file != "system", access(file, R_OK) != 0
        else { return nil }
        return "has a file as sslrootcert that isn't there or can't be read"
    }

    /// libpq fills in what a connection has from the service's file before it connects: here to nowhere.
    private var service: String? {
        guard let service = values["service"], !service.isEmpty else { return nil }
        let keywords = [("service", service), ("host", "/nowhere"), ("user", "martlet"), ("dbname", "martlet")]
        guard let handle = ConnectionAttempt.libpqConnection(keywords) else { return nil }
        defer { pq_finish(handle) }
        return pq_user(handle) == nil ? "has a service that no pg_service.conf describes" : nil
    }
}
