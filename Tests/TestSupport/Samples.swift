package import CAS
package import Cryptography
package import Directory
import FoundationEssentials
import Identity
import JOSE
package import OAuth2
package import Storage

/// What tests find in the database: two enterprises on https, a developer's machine on http, people in every state,
/// applications of every kind. Globex has people and applications under the very ids of Acme.
package enum Samples {
    // MARK: - Tenants

    package static let acme = tenant("acme", "Acme", issuer: "https://sso.acme.example", host: "sso.acme.example")
    package static let globex = tenant(
        "globex", "Globex", issuer: "https://sso.globex.example", host: "sso.globex.example")
    package static let local = tenant("local", "Local", issuer: "http://localhost:8080", host: "localhost")

    private static func tenant(_ code: String, _ name: String, issuer: String, host: String) -> Tenant {
        Tenant(id: "tenant-\(code)", code: code, name: name, issuer: issuer, hosts: [host], createdAt: FixedClock.start)
    }

    // MARK: - People

    /// The password of everybody who has one.
    package static let password = "Correct-Horse-7"

    package static let finance = Group(id: "group-finance", tenantID: acme.id, name: "Finance")

    /// Has a password, a phone and an e-mail address; a member of Finance.
    package static let alice = user("alice", "Alice Liddell", phone: "+8613800000001", isActive: true) {
        $0.profile.email = EmailAddress(stored: "alice@acme.example")
        $0.profile.employeeID = "E-1"
        $0.groupIDs = [finance.id]
    }
    /// Never signed in; no password.
    package static let bob = user("bob", "Bob Baker", phone: "+8613800000002")
    /// Disabled, with a password.
    package static let carol = user("carol", "Carol Cook", phone: "+8613800000003", isActive: true) {
        $0.disabledAt = FixedClock.start
    }
    /// Was given a password by an administrator.
    package static let dave = user("dave", "Dave Dyer", phone: "+8613800000004")
    /// An administrator cleared the password.
    package static let erin = user("erin", "Erin Eager", phone: "+8613800000005", isActive: true)
    /// Has a password; in no group.
    package static let frank = user("frank", "Frank Ford", phone: "+8613800000006", isActive: true)

    package static let people = [alice, bob, carol, dave, erin, frank]

    private static func user(
        _ name: String, _ displayName: String, phone: String, isActive: Bool = false,
        _ change: (inout User) -> Void = { _ in }
    ) -> User {
        var user = User(
            id: "user-\(name)", tenantID: acme.id, username: Username(stored: name),
            profile: Profile(name: displayName, phone: PhoneNumber(stored: phone)), createdAt: FixedClock.start)
        if isActive { user.activatedAt = FixedClock.start }
        change(&user)
        return user
    }

    // MARK: - Applications

    /// A confidential OAuth client, open to everyone.
    package static let notes = application("notes", "Notes", .oauth, launchURL: "https://notes.example/")
    package static let notesClient = client("notes", of: notes) {
        $0.redirectURIs = [RedirectURI(stored: "https://notes.example/cb")]
        $0.postLogoutRedirectURIs = [RedirectURI(stored: "https://notes.example/bye")]
    }
    package static let notesSecret = "gths_notes-secret-of-the-tests-0123456789abcd"

    /// Another confidential client, to be the wrong one; allowed to keep its tokens after logout.
    package static let mail = application("mail", "Mail", .oauth, launchURL: "https://mail.example/")
    package static let mailClient = client("mail", of: mail) {
        $0.redirectURIs = [RedirectURI(stored: "https://mail.example/cb")]
        $0.scope = Scope.supported
        $0.idTokenAlgorithm = .es256
    }
    package static let mailSecret = "gths_mail-secret-of-the-tests-0123456789abcde"

    /// A public client on a private-use scheme.
    package static let desk = application("desk", "Desk", .oauth, launchURL: nil)
    package static let deskClient = client("desk", of: desk, .public) {
        $0.redirectURIs = [RedirectURI(stored: "com.example.desk:/cb")]
    }

    /// Only for Finance.
    package static let payroll = application("payroll", "Payroll", .oauth, launchURL: "https://payroll.example/") {
        $0.accessRule = .selected(users: [], groups: [finance.id])
    }
    package static let payrollClient = client("payroll", of: payroll) {
        $0.redirectURIs = [RedirectURI(stored: "https://payroll.example/cb")]
    }

    /// CAS, open to everyone, with attributes.
    package static let wiki = application("wiki", "Wiki", .cas, launchURL: "https://wiki.example/") {
        $0.attributeRelease = AttributeRelease(stored: [
            .init(.name, as: "displayName"), .init(.email, as: "mail"), .init(.groups, as: "memberOf"),
        ])
    }
    package static let wikiService = RegisteredService(
        applicationID: wiki.id, urls: [ServiceURL(stored: "https://wiki.example/cas")], isEnabled: true,
        ticketLifetime: nil)

    /// CAS, only for Finance.
    package static let ledger = application("ledger", "Ledger", .cas, launchURL: "https://ledger.example/") {
        $0.accessRule = .selected(users: [], groups: [finance.id])
    }
    package static let ledgerService = RegisteredService(
        applicationID: ledger.id, urls: [ServiceURL(stored: "https://ledger.example/cas")], isEnabled: true,
        ticketLifetime: nil)

    private static func application(
        _ slug: String, _ name: String, _ kind: Application.ProtocolKind, launchURL: String?,
        _ change: (inout Application) -> Void = { _ in }
    ) -> Application {
        var application = Application(
            id: "application-\(slug)", tenantID: acme.id, slug: slug, name: name, protocolKind: kind,
            launchURL: launchURL, createdAt: FixedClock.start)
        change(&application)
        return application
    }

    private static func client(
        _ id: String, of application: Application, _ kind: Client.Kind = .confidential, _ change: (inout Client) -> Void
    ) -> Client {
        var client = Client(id: id, applicationID: application.id, tenantID: application.tenantID, kind: kind)
        change(&client)
        return client
    }

    // MARK: - Keys

    /// The sealing key of every test installation.
    package static let sealingKey: SealingKey = {
        var random = SecureRandom()
        return SealingKey.generate(using: &random)
    }()

    /// Signing keys by tenant, made once: an RSA key takes a moment.
    package static let signingKeys: [String: [SigningKey]] = Dictionary(
        uniqueKeysWithValues: [acme, globex, local].map { tenant in
            // A key that cannot be made fails every test that signs, with the tenant's own error.
            (tenant.id, SignatureAlgorithm.allCases.compactMap { try? SigningKey.generate($0) })
        })

    /// The stored form of ``password``; empty, which no password matches, when it cannot be made.
    package static let passwordHash: String = (try? hash(iterations: 1)) ?? ""

    /// ``password`` as it would be stored with more or fewer passes.
    package static func hash(iterations: Int) throws -> String {
        var parameters = TestServer.parameters
        parameters.iterations = iterations
        return try Argon2id.hash(
            password: Password(password).bytes, salt: Array("salt of the tests".utf8), parameters: parameters)
    }
}

// MARK: - Storing

extension Samples {
    /// Stores everything.
    package static func store(in database: any Database) async throws {
        try await database.write { db in
            for tenant in [acme, globex, local] { try store(tenant, db) }
            try db.groups.insert(finance)
            for person in people { try db.users(sealingKey).insert(person) }
            try storeCredentials(db)
            try storeApplications(db)
            try storeTwins(db)
        }
    }

    private static func store(_ tenant: Tenant, _ db: any Connection) throws {
        try db.tenants.insert(tenant)
        for key in signingKeys[tenant.id] ?? [] {
            let id = JWK.thumbprint(of: key.verificationKey.components)
            try db.signingKeys(sealingKey).insert(id: id, key, in: tenant.id, now: FixedClock.start)
        }
    }

    private static func storeCredentials(_ db: any Connection) throws {
        let own = Credential(hash: passwordHash, changedAt: FixedClock.start)
        var initial = own
        initial.mustChangeSince = FixedClock.start
        let cleared = own.cleared(policy: PasswordPolicy(), now: FixedClock.start)
        for person in [alice, carol, frank, erin] { _ = try db.credentials.put(own, ofUser: person.id) }
        _ = try db.credentials.put(initial, ofUser: dave.id)
        _ = try db.credentials.put(cleared, ofUser: erin.id)
    }

    private static func storeApplications(_ db: any Connection) throws {
        for application in [notes, mail, desk, payroll, wiki, ledger] { try db.applications.insert(application) }
        for client in [notesClient, mailClient, deskClient, payrollClient] { try db.clients.insert(client) }
        for (client, secret) in [(notesClient, notesSecret), (mailClient, mailSecret)] {
            try db.clientSecrets.insert(
                ClientSecret(
                    id: "secret-\(client.id)", clientID: client.id, hash: ClientSecretHash(generated: secret),
                    label: "first", createdAt: FixedClock.start), in: client.tenantID)
        }
        for service in [wikiService, ledgerService] { try db.registeredServices.insert(service, in: acme.id) }
    }

    /// Alice, Notes and Wiki once more, of the other two tenants: same name, phone, client id, secret and service.
    private static func storeTwins(_ db: any Connection) throws {
        for tenant in [globex, local] {
            var person = alice
            person.id = "\(alice.id)-\(tenant.code)"
            person.tenantID = tenant.id
            person.groupIDs = []
            try db.users(sealingKey).insert(person)
            _ = try db.credentials.put(
                Credential(hash: passwordHash, changedAt: FixedClock.start), ofUser: person.id)
            var oauth = notes
            oauth.id = "\(notes.id)-\(tenant.code)"
            oauth.tenantID = tenant.id
            try db.applications.insert(oauth)
            var twin = Client(id: notesClient.id, applicationID: oauth.id, tenantID: tenant.id, kind: .confidential)
            twin.redirectURIs = notesClient.redirectURIs
            try db.clients.insert(twin)
            try db.clientSecrets.insert(
                ClientSecret(
                    id: "secret-notes-\(tenant.code)", clientID: twin.id,
                    hash: ClientSecretHash(generated: notesSecret), label: "first", createdAt: FixedClock.start),
                in: tenant.id)
            var cas = wiki
            cas.id = "\(wiki.id)-\(tenant.code)"
            cas.tenantID = tenant.id
            try db.applications.insert(cas)
            var service = wikiService
            service.applicationID = cas.id
            try db.registeredServices.insert(service, in: tenant.id)
        }
    }
}
