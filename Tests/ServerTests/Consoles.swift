import Directory
import FoundationEssentials
import Gateways
import Identity
import Server
import Storage
import TestSupport
import Wire

/// The administration console as it is used in tests: by Frank, who is given the role.
enum ConsolePath {
    static let members = "/admin/users"
    static let reset = "/admin/users/reset"
    static let phone = "/admin/users/phone"
    static let unfreeze = "/admin/users/unfreeze"
    static let all = ["/admin", members, reset, phone]
    static let forms = [members, reset, phone, unfreeze]
}

extension TestServer {
    /// Frank's phone.
    static let administratorPhone = "+8613800000006"

    func give(_ role: Role = .administrator, to userID: String = Samples.frank.id) async throws {
        try await change { db in try db.userRoles.put(role, ofUser: userID) }
    }

    func take(_ role: Role = .administrator, from userID: String = Samples.frank.id) async throws {
        try await change { db in try db.userRoles.remove(role, ofUser: userID) }
    }

    /// A browser in which Frank has signed in, who is an administrator.
    func administrator() async throws -> Browser {
        try await give()
        return try await signedIn("frank")
    }

    /// What an act of an administrator could change: of everybody at Acme and at Globex.
    struct Standing: Equatable {
        var credentials: [String: Credential] = [:]
        var users: [User] = []
        var sessions: Set<String> = []
        var grants = 0
        /// Messages that tell something.
        var notices: [String] = []
    }

    func standing() async throws -> Standing {
        _ = await sentCodes()
        let notices = sms.messages.filter { $0.code == nil || $0.purpose == "NEW_PWD_SMS" }.map {
            "\($0.purpose) \($0.to)"
        }
        return try await database.read { db in
            var standing = Standing(notices: notices)
            for tenant in [Samples.acme, Samples.globex] {
                standing.users += try db.users(Samples.sealingKey).page(in: tenant.id, after: "", limit: 1_000)
            }
            for user in standing.users {
                standing.credentials[user.id] = try db.credentials.ofUser(user.id)
                standing.sessions.formUnion(try db.sessions.open(ofUser: user.id).map(\.id))
            }
            standing.grants = try db.row("SELECT COUNT(*) FROM grants WHERE revoked_at IS NULL") { try $0.next() } ?? 0
            return standing
        }
    }

    /// Purpose and receiver of every message that is no code, oldest first.
    func notices() async throws -> [String] { try await standing().notices }
}

extension Browser {
    /// The reset page of some users.
    func openReset(_ ids: [String]) async throws -> Visit {
        try await visit(address(ConsolePath.reset, ids.map { ("user", $0) }))
    }

    /// Fills the reset page in and sends it.
    func confirmReset(_ page: Visit, _ changes: Changes = [:]) async throws -> Visit {
        let filling: Changes = ["way": "clear", "currentPassword": Samples.password]
        return try await submit(
            try page.form(to: ConsolePath.reset), filling.merging(changes) { $1 }, pressing: "confirm")
    }

    /// Resets with the password.
    func reset(_ users: [User], _ changes: Changes = [:]) async throws -> Visit {
        try await confirmReset(try await openReset(users.map(\.id)), changes)
    }

    /// Asks on a page of the console for a code to the administrator's own phone.
    func askForProof(_ page: Visit, _ filling: Changes = [:]) async throws -> Visit {
        let form = page.reply.forms.first { $0["user"] != nil && $0.buttons.contains { $0.value == "send" } }
        guard let form else { throw Missing("a form that asks for a proof in \(page)") }
        return try await submit(form, filling, pressing: "send")
    }

    /// Resets with a code.
    func resetByCode(_ users: [User], _ server: TestServer, _ changes: Changes = [:]) async throws -> Visit {
        let sent = try await askForProof(try await openReset(users.map(\.id)))
        let filling: Changes = [
            "code": try await server.lastCode(to: TestServer.administratorPhone), "currentPassword": nil,
        ]
        return try await confirmReset(sent, filling.merging(changes) { $1 })
    }
}

extension Reply {
    /// The rows of the first table's body: the plain text of each cell.
    var tableRows: [[String]] {
        guard let body = text.components(between: "<tbody", and: "</tbody>").first else { return [] }
        return body.components(between: "<tr", and: "</tr>").map { row in
            (row.components(between: "<th", and: "</th>") + row.components(between: "<td", and: "</td>")).map { cell in
                var inner = cell.drop { $0 != ">" }.dropFirst()[...]
                var plain = ""
                while let open = inner.firstIndex(of: "<") {
                    plain += inner[..<open]
                    inner = inner[open...].drop { $0 != ">" }.dropFirst()
                }
                return (plain + inner).split(whereSeparator: \.isWhitespace).joined(separator: " ")
            }
        }
    }
}

extension String {
    /// What stands between each opening and the closing behind it.
    fileprivate func components(between opening: String, and closing: String) -> [String] {
        split(separator: opening, omittingEmptySubsequences: false).dropFirst().map { part in
            String(part.split(separator: closing, maxSplits: 1, omittingEmptySubsequences: false).first ?? "")
        }
    }
}
