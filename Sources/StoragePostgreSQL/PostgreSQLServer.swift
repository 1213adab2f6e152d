import CLibPQ
import Storage

/// Where the server is, and what a connection to it must be like.
struct PostgreSQLServer: Sendable {
    private let url: String
    private let statementTimeout: Duration

    /// How much later than the server's own timeout we stop waiting for it.
    private static let grace = Duration.seconds(3)

    /// How long the answer to one statement may take before the connection is given up.
    var patience: Duration { statementTimeout + Self.grace }

    /// - Parameters:
    ///   - url: `postgresql://user:password@host:port/database?option=value`, or libpq's `key=value` form.
    ///   - statementTimeout: After which the server ends a statement; to a millisecond.
    /// - Throws: `failed` for a URL that does not read as one. Its text is not repeated: it may hold a password.
    init(url: String, statementTimeout: Duration) throws(DatabaseError) {
        guard Self.isUnambiguous(url), Self.isReadable(url) else {
            throw .failed(
                """
                the PostgreSQL URL cannot be read. It is postgresql://user:password@host:port/database, \
                with every @, :, / and % of the password percent-encoded.
                """)
        }
        self.url = url
        self.statementTimeout = statementTimeout
    }

    /// An `@` or `/` in a password would make libpq take its rest for a host or a port, and print that in an error.
    private static func isUnambiguous(_ url: String) -> Bool {
        guard let scheme = url.firstRange(of: "://") else { return true }
        let rest = url[scheme.upperBound...]
        guard let at = rest.firstIndex(of: "@") else { return true }
        return !rest[..<at].contains("/") && !rest[rest.index(after: at)...].contains("@")
    }

    private static func isReadable(_ url: String) -> Bool {
        guard let options = unsafe PQconninfoParse(url, nil) else { return false }
        unsafe PQconninfoFree(options)
        return true
    }

    /// Connects, prepares the session, and refuses a database that would answer differently from SQLite.
    func connect() throws(DatabaseError) -> PostgreSQLSession {
        let session = try open()
        try session.command(setup)
        guard session.parameter("server_encoding") == "UTF8" else {
            throw .failed("the encoding of the database is not UTF8. \(Self.remedy)")
        }
        try requireByteOrder(session)
        return session
    }

    /// Settings before the URL are defaults that it may change; those after it are not for it to change.
    /// Of several hosts in the URL the one that takes writes is used, so a failover needs no new configuration.
    private func open() throws(DatabaseError) -> PostgreSQLSession {
        let settings: [(String, String)] = [
            ("fallback_application_name", "gatehouse"), ("connect_timeout", "3"),
            ("target_session_attrs", "read-write"),
            ("tcp_user_timeout", "15000"), ("keepalives_idle", "30"), ("keepalives_interval", "10"),
            ("keepalives_count", "3"),
            ("dbname", url), ("client_encoding", "UTF8"),
        ]
        let names = CStrings(settings.map(\.0) + [nil])
        let handle = unsafe CStrings(settings.map(\.1) + [nil]).withPointers { values in
            unsafe names.withPointers { names in unsafe PQconnectdbParams(names, values, 1) }
        }
        guard let handle = unsafe handle else { throw .unavailable("libpq is out of memory.") }
        guard unsafe PQstatus(handle) == CONNECTION_OK else {
            let reason = unsafe String(cString: PQerrorMessage(handle)).split(separator: "\n").joined(separator: " ")
            unsafe PQfinish(handle)
            throw .unavailable("\(reason).")
        }
        return unsafe PostgreSQLSession(PostgreSQLLink(handle), patience: patience)
    }

    /// Bounds for every wait on the server's side; a commit is on the disk before anybody hears of it.
    private var setup: String {
        """
        SET statement_timeout = '\(Int(statementTimeout / .milliseconds(1)))ms';
        SET lock_timeout = '5s';
        SET idle_in_transaction_session_timeout = '60s';
        SET client_min_messages = warning;
        SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
        """
    }

    /// Texts in the order of their UTF-8 bytes. A language's rules skip `-`, mix cases or put `é` beside `e`; an order
    /// by UTF-16 puts the last one before the one above it.
    private static let ordered = [
        "-a", "B", "_", "a", "a-c", "ab", "b", "é", "中", "\u{FF5E}", "\u{1F600}",
    ]

    /// Asks the server to sort, because the name of a collation says little: `C`, `POSIX`, `C.UTF-8`, builtin, ICU.
    private func requireByteOrder(_ session: PostgreSQLSession) throws(DatabaseError) {
        let values = Self.ordered.reversed().map { "('\($0)')" }.joined(separator: ", ")
        let sorted = try session.command("SELECT v FROM (VALUES \(values)) AS t (v) ORDER BY v").rows()
        for (row, expected) in zip(sorted, Self.ordered) {
            var row = row
            guard try row.next(String.self) == expected else {
                throw .failed("the database sorts text by the rules of a language. \(Self.remedy)")
            }
        }
    }

    private static let remedy = """
        Gatehouse needs the same order everywhere: \
        CREATE DATABASE gatehouse TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'.
        """
}
