package import Directory
import FoundationEssentials
package import Storage
import Cryptography
import Gateways
import Identity

/// The acts of administrators: what the command line does, and what the management API and the console do.
///
/// Each act checks its input with the cores and then reads, decides and writes in one transaction, its audit events
/// among the rest. A refusal is an ``AdministrationError`` and writes nothing.
///
/// ```swift
/// let administration = Administration(…, by: Administrator(actor: .operator("root")))
/// let tenant = try await administration.createTenant(draft, now: now)
/// ```
package struct Administration: Sendable {
    let database: any Database
    let keys: InstallationKeys
    let passwords: PasswordHashing
    /// Passwords that nobody may be given, in small letters; asked for only when somebody is given one.
    let commonPasswords: @Sendable () throws -> Set<String>
    /// The installation's policy, which a tenant's settings override.
    let policy: TenantPolicy
    let messenger: Messenger
    let domainProbe: DomainProbe
    let administrator: Administrator
    /// What lets the administrator act; nil at the command line, where whoever may run a command may do everything.
    var warrant: Warrant?

    package init(
        database: any Database, keys: InstallationKeys, passwords: PasswordHashing,
        commonPasswords: @escaping @Sendable () throws -> Set<String>, policy: TenantPolicy, messenger: Messenger,
        domainProbe: DomainProbe, by administrator: Administrator
    ) {
        self.database = database
        self.keys = keys
        self.passwords = passwords
        self.commonPasswords = commonPasswords
        self.policy = policy
        self.messenger = messenger
        self.domainProbe = domainProbe
        self.administrator = administrator
    }

    /// Runs one act in one transaction; `body` may be run again from the start (``Database/write(_:)``).
    /// - Parameter permission: What somebody needs who acts in a browser; nil for acts of operators alone.
    func act<T: Sendable>(
        _ permission: Permission? = nil, now: Date, _ body: @escaping @Sendable (AdministrativeAct) throws -> T
    ) async throws -> T {
        do {
            return try await database.write { db in
                // Acts wait for each other: each reads whole rows, decides, and writes whole rows.
                try db.lock(["administration"])
                return try body(try admitted(permission, db, now: now))
            }
        } catch DatabaseError.uniqueViolation(let constraint) {
            throw AdministrationError(taken: constraint) ?? DatabaseError.uniqueViolation(constraint: constraint)
        }
    }

    /// Runs an act that a session alone must not be enough for. In a browser the administrator shows a proof with it; the
    /// proof is tried and the act is done in one transaction, so one proof serves one act.
    /// - Parameters:
    ///   - plan: What is read, and refused, before the proof is looked at: a refusal leaves it unused.
    ///   - body: The act.
    /// - Throws: ``ProofRefused``; of everything, only the attempt is written then.
    func provenAct<Plan, T: Sendable>(
        _ permission: Permission, now: Date, plan: @escaping @Sendable (AdministrativeAct) throws -> Plan,
        body: @escaping @Sendable (AdministrativeAct, Plan) throws -> T
    ) async throws -> T {
        let warrant = warrant
        let done = try await act(permission, now: now) { act -> T? in
            let plan = try plan(act)
            guard try warrant?.prove(act.db) ?? true else { return nil }
            return try body(act, plan)
        }
        guard let done else { throw ProofRefused() }
        return done
    }

    /// Reads on one snapshot what an administrator may see.
    func look<T: Sendable>(
        _ permission: Permission, now: Date, _ body: @escaping @Sendable (AdministrativeAct) throws -> T
    ) async throws -> T {
        try await database.read { db in try body(try admitted(permission, db, now: now)) }
    }

    /// An act of whoever may do it now.
    private func admitted(_ permission: Permission?, _ db: any Connection, now: Date) throws -> AdministrativeAct {
        try warrant?.admit(permission, db)
        return AdministrativeAct(
            db: db, keys: keys, policy: policy, administrator: administrator, now: now, isLimited: warrant != nil)
    }
}

/// Who acts, and from where: what the audit log says.
package struct Administrator: Equatable, Sendable {
    package let actor: Actor
    /// The client's IP address; nil at the command line.
    package let address: String?
    /// Joins the events to the log lines of a request; nil at the command line.
    package let requestID: String?

    package init(actor: Actor, address: String? = nil, requestID: String? = nil) {
        self.actor = actor
        self.address = address
        self.requestID = requestID
    }
}

/// One act in progress: its transaction, who acts, and when. The acts themselves are extensions, one file a noun.
struct AdministrativeAct {
    let db: any Connection
    let keys: InstallationKeys
    let policy: TenantPolicy
    let administrator: Administrator
    /// Whole seconds.
    let now: Date
    /// Whether it is done in a browser: then its messages keep to the limits of those that nobody asked for. What an
    /// operator sends does not.
    var isLimited = false

    /// Whether a message may go to a phone.
    func mayTell(_ phone: PhoneNumber, _ purpose: SMSPurpose, in tenant: Tenant) throws -> Bool {
        guard isLimited else { return true }
        let index = Users.index(of: phone, in: tenant.id, key: keys.sealing)
        let policy = try policy.of(tenant, keys.sealing)
        return try db.roomForNotice(purpose, to: index, policy, in: tenant, now: now) != nil
    }

    var users: Users { db.users(keys.sealing) }

    /// Writes what happened to its log, in the transaction in which it happens.
    /// - Parameter user: Whom an event of the sign-in log is about.
    func note(_ event: Event, of user: User? = nil, in tenant: Tenant) throws {
        var random = SecureRandom()
        let record = EventRecord(
            id: EventRecord.identifier(at: Date(), using: &random), tenantID: tenant.id, actor: administrator.actor,
            address: administrator.address, requestID: administrator.requestID, event: event, now: now)
        try db.eventLog(keys.sealing).insert(record, of: LoggedPerson(user, asNamedBy: event))
    }

    /// Writes a message into the ledger; it is to be sent when the transaction is through.
    func enter(
        _ message: SMSMessage, _ purpose: SMSPurpose, to phone: PhoneNumber, userID: String?, in tenant: Tenant
    ) throws -> SMSDelivery {
        let index = Users.index(of: phone, in: tenant.id, key: keys.sealing)
        let policy = try policy.of(tenant, keys.sealing)
        let history = try db.smsSends.history(
            phoneIndex: index, address: "", in: tenant.id, limits: policy.identity.sending, now: now)
        let entry = LedgerEntry(message, purpose, to: index, of: userID)
        return try db.record(entry, history, policy, in: tenant, now: now)
    }

    /// The id of a new row. It begins with a letter or digit, so that a command line cannot take it for an option.
    static func identifier() -> String {
        var random = SecureRandom()
        var id: String
        repeat { id = Identifier.make(using: &random) } while id.hasPrefix("-") || id.hasPrefix("_")
        return id
    }

    /// The tenant with this code.
    func tenant(_ code: String) throws -> Tenant {
        guard let tenant = try db.tenants.coded(code) else {
            throw AdministrationError(.notFound, "tenant", "there is no tenant with this code")
        }
        return tenant
    }
}

extension AdministrationError {
    /// What a violated constraint of the schema means; nil for one that no input can violate.
    init?(taken constraint: String) {
        switch constraint {
        case "tenants(code)": self.init(.conflict, "code", "another tenant has this code")
        case "tenants(issuer)": self.init(.conflict, "issuer", "another tenant has this issuer")
        case "tenant_hosts(host)": self.init(.conflict, "hosts", "another tenant answers at one of these hosts")
        case "users(tenant_id, username_key)": self.init(.conflict, "username", "another user has this username")
        case "users(tenant_id, phone_index)": self.init(.conflict, "phone", "another user has this phone number")
        case "users(tenant_id, email_index)": self.init(.conflict, "email", "another user has this e-mail address")
        case "users(tenant_id, employee_index)":
            self.init(.conflict, "employeeID", "another user has this employee id")
        case "applications(tenant_id, slug)":
            self.init(.conflict, "slug", "another application has this short name")
        case "departments(tenant_id, code)":
            self.init(.conflict, "department", "the tenant has a department with this code")
        case "domains(tenant_id, name)": self.init(.conflict, "domain", "the tenant has this domain already")
        case "clients(tenant_id, id)": self.init(.conflict, "clientID", "another application has this client id")
        case "service_urls(tenant_id, url)":
            self.init(.conflict, "services", "another application has registered one of these services")
        default: return nil
        }
    }
}
