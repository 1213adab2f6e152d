import CAS
import Cryptography
import Directory
import FoundationEssentials
import Storage
import TestSupport
import Testing

@Suite("Tenants, people, groups, applications")
struct DirectoryStoreTests {
    @Test("a tenant comes back whole, by id, code and host", arguments: Backend.available)
    func tenants(backend: Backend) async throws {
        try await backend.withSamples { database in
            let tenant = Tenant(
                id: "t", code: "umbrella", name: awkward, issuer: "https://a.example",
                hosts: ["a.example", "b.example"],
                settings: ["sms.code.digits": "8", "x": awkward], createdAt: now)
            let found = try await database.roundTrip({ try $0.tenants.insert(tenant) }) { db in
                [
                    try db.tenants.identified("t"), try db.tenants.coded("umbrella"),
                    try db.tenants.atHost("a.example"),
                    try db.tenants.atHost("b.example"),
                ]
            }
            #expect(found == Array(repeating: tenant, count: 4))
            var changed = tenant
            changed.name = "U"
            changed.hosts = ["c.example"]
            changed.settings = [:]
            let update = changed
            let after = try await database.roundTrip({ try $0.tenants.update(update) }) { db in
                (try db.tenants.identified("t"), try db.tenants.atHost("a.example"), try db.tenants.all().map(\.code))
            }
            #expect(after.0 == update)
            #expect(after.1 == nil)
            #expect(after.2 == ["acme", "globex", "local", "umbrella"])
        }
    }

    @Test("a host belongs to one tenant", .tags(.security), arguments: Backend.available)
    func hosts(backend: Backend) async throws {
        try await backend.withSamples { database in
            let thief = Tenant(
                id: "t", code: "thief", name: "T", issuer: "https://t.example", hosts: Samples.acme.hosts,
                createdAt: now)
            await #expect(throws: DatabaseError.uniqueViolation(constraint: "tenant_hosts(host)")) {
                try await database.write { db in try db.tenants.insert(thief) }
            }
            let found = try await database.read { db in try db.tenants.coded("thief") }
            #expect(found == nil)
        }
    }

    static let person: User = {
        var user = User(
            id: "user-x", tenantID: Samples.acme.id, username: Username(stored: "Xu.Li"),
            profile: Profile(
                name: awkward, phone: PhoneNumber(stored: "+85291234567"),
                email: EmailAddress(stored: "Xu@Acme.example"),
                employeeID: awkward), groupIDs: [Samples.finance.id], createdAt: now)
        user.updatedAt = now + 1
        user.activatedAt = now + 2
        user.disabledAt = now + 3
        return user
    }()

    @Test("a user comes back whole, by id, username, phone and e-mail", arguments: Backend.available)
    func users(backend: Backend) async throws {
        try await backend.withSamples { database in
            let (person, tenant) = (Self.person, Samples.acme.id)
            let found = try await database.roundTrip({ try $0.users(Samples.sealingKey).insert(person) }) { db in
                let users = db.users(Samples.sealingKey)
                return [
                    try users.identified(person.id, in: tenant),
                    try users.named(Username(stored: "XU.li"), in: tenant),
                    try users.withPhone(PhoneNumber(stored: "+85291234567"), in: tenant),
                    try users.withEmail(EmailAddress(stored: "xU@aCME.EXAMPLE"), in: tenant),
                ]
            }
            #expect(found == Array(repeating: person, count: 4))
        }
    }

    @Test("a user is found in no other tenant", .tags(.security), arguments: Backend.available)
    func otherTenant(backend: Backend) async throws {
        try await backend.withSamples { database in
            let (person, tenant) = (Self.person, Samples.globex.id)
            let found = try await database.roundTrip({ try $0.users(Samples.sealingKey).insert(person) }) { db in
                let users = db.users(Samples.sealingKey)
                return [
                    try users.identified(person.id, in: tenant), try users.named(person.username, in: tenant),
                    try users.withPhone(PhoneNumber(stored: "+85291234567"), in: tenant),
                    try users.withEmail(EmailAddress(stored: "Xu@Acme.example"), in: tenant),
                ].compactMap(\.self)
            }
            #expect(found.isEmpty)
        }
    }

    @Test("an update of the profile leaves the status alone", .tags(.security), arguments: Backend.available)
    func update(backend: Backend) async throws {
        try await backend.withSamples { database in
            var changed = Samples.carol
            changed.profile.name = "C"
            changed.profile.phone = nil
            changed.groupIDs = [Samples.finance.id]
            changed.disabledAt = nil
            let update = changed
            let found = try await database.roundTrip({ try $0.users(Samples.sealingKey).update(update) }) { db in
                try db.users(Samples.sealingKey).identified(Samples.carol.id, in: Samples.acme.id)
            }
            var expected = update
            expected.disabledAt = Samples.carol.disabledAt
            #expect(found == expected)
        }
    }

    @Test("a first sign-in is remembered, a later one changes nothing", arguments: Backend.available)
    func activate(backend: Backend) async throws {
        try await backend.withSamples { database in
            let found = try await database.roundTrip({ db in
                try db.users(Samples.sealingKey).activate(Samples.bob.id, now: now + 5)
                try db.users(Samples.sealingKey).activate(Samples.bob.id, now: now + 9)
            }) { db in try db.users(Samples.sealingKey).identified(Samples.bob.id, in: Samples.acme.id)?.activatedAt }
            #expect(found == now + 5)
        }
    }

    @Test("nothing personal can be read in the rows", .tags(.security), arguments: Backend.available)
    func sealed(backend: Backend) async throws {
        try await backend.withSamples { database in
            let texts = try await database.rawTexts(
                "SELECT sealed_profile, phone_index, email_index FROM users", columns: 3)
            #expect(texts.count > 12)
            for secret in ["Alice", "Liddell", "1380000", "alice@"] {
                #expect(texts.allSatisfy { !$0.contains(secret) })
            }
        }
    }

    @Test(
        "another sealing key, another user's row or a changed byte opens no profile", .tags(.security),
        arguments: Backend.available)
    func bound(backend: Backend) async throws {
        try await backend.withSamples { database in
            var random = SecureRandom()
            let stranger = SealingKey.generate(using: &random)
            await #expect(throws: DatabaseError.unexpectedValue(column: "sealed_profile")) {
                try await database.read { db in try db.users(stranger).identified(Samples.alice.id, in: Samples.acme.id)
                }
            }
            try await database.write { db in
                try db.execute(
                    """
                    UPDATE users SET sealed_profile =
                        (SELECT sealed_profile FROM users WHERE id = \(Samples.bob.id)) WHERE id = \(Samples.alice.id)
                    """)
            }
            await #expect(throws: DatabaseError.unexpectedValue(column: "sealed_profile")) {
                try await database.read { db in
                    try db.users(Samples.sealingKey).identified(Samples.alice.id, in: Samples.acme.id)
                }
            }
        }
    }

    @Test("one number in two tenants has two indexes", .tags(.security), arguments: Backend.available)
    func indexes(backend: Backend) async throws {
        try await backend.withSamples { database in
            let texts = try await database.rawTexts(
                "SELECT phone_index FROM users WHERE username_key = 'alice'", columns: 1)
            #expect(texts.count == 3)
            #expect(Set(texts).count == 3)
        }
    }

    @Test(
        "names, phones and addresses are taken once in a tenant, in any case", .tags(.security),
        arguments: Backend.available)
    func unique(backend: Backend) async throws {
        try await backend.withSamples { database in
            var stranger = Self.person
            stranger.groupIDs = []
            var twin = stranger
            twin.username = Username(stored: "ALICE")
            var phone = stranger
            phone.profile.phone = Samples.alice.profile.phone
            var email = stranger
            email.profile.email = EmailAddress(stored: "ALICE@acme.example")
            for (user, constraint) in [
                (twin, "username_key"), (phone, "phone_index"), (email, "email_index"),
            ] {
                await #expect(throws: DatabaseError.uniqueViolation(constraint: "users(tenant_id, \(constraint))")) {
                    try await database.write { db in try db.users(Samples.sealingKey).insert(user) }
                }
            }
        }
    }

    @Test("people are paged by name", arguments: Backend.available)
    func page(backend: Backend) async throws {
        try await backend.withSamples { database in
            let pages = try await database.read { db in
                let users = db.users(Samples.sealingKey)
                return try [("", 4), ("dave", 4), ("frank", 4)].map { after, limit in
                    try users.page(in: Samples.acme.id, after: after, limit: limit)
                }
            }
            #expect(
                pages == [
                    [Samples.alice, Samples.bob, Samples.carol, Samples.dave], [Samples.erin, Samples.frank], [],
                ])
        }
    }

    @Test("groups come back by name and by member", arguments: Backend.available)
    func groups(backend: Backend) async throws {
        try await backend.withSamples { database in
            let group = Group(id: "g", tenantID: Samples.acme.id, name: awkward)
            let found = try await database.roundTrip({ try $0.groups.insert(group) }) { db in
                (
                    try db.groups.named(awkward, in: Samples.acme.id),
                    try db.groups.named(awkward, in: Samples.globex.id),
                    try db.groups.all(in: Samples.acme.id), try db.groups.ofUser(Samples.alice.id)
                )
            }
            #expect(found.0 == group)
            #expect(found.1 == nil)
            #expect(found.2 == [Samples.finance, group])
            #expect(found.3 == [Samples.finance])
        }
    }

    @Test("an application comes back whole, and only in its tenant", arguments: Backend.available)
    func applications(backend: Backend) async throws {
        try await backend.withSamples { database in
            let application = Application(
                id: "a", tenantID: Samples.acme.id, slug: "crm", name: awkward, icon: "https://crm.example/i.png",
                class: .subscribed, protocolKind: .cas, accessRule: .selected(users: ["u1", awkward], groups: ["g"]),
                launchURL: "https://crm.example/",
                attributeRelease: AttributeRelease(stored: UserAttribute.allCases.map { .init($0, as: "a-\($0)") }),
                createdAt: now, disabledAt: now + 1)
            let found = try await database.roundTrip({ try $0.applications.insert(application) }) { db in
                [
                    try db.applications.identified("a", in: Samples.acme.id),
                    try db.applications.named("crm", in: Samples.acme.id),
                    try db.applications.identified("a", in: Samples.globex.id),
                    try db.applications.named("crm", in: Samples.globex.id),
                ]
            }
            #expect(found == [application, application, nil, nil])
            var changed = application
            changed.name = "CRM"
            changed.icon = nil
            changed.class = .selfBuilt
            changed.accessRule = .everyone
            changed.launchURL = nil
            changed.attributeRelease = .none
            changed.disabledAt = nil
            let update = changed
            let after = try await database.roundTrip({ try $0.applications.update(update) }) { db in
                try db.applications.identified("a", in: Samples.acme.id)
            }
            #expect(after == update)
        }
    }

    @Test(
        "a registered service comes back whole, by each of its exact URLs", .tags(.security),
        arguments: Backend.available)
    func services(backend: Backend) async throws {
        try await backend.withSamples { database in
            let urls = ["https://wiki.example/b", "https://wiki.example/a?x=%C3%A9"].map(ServiceURL.init(stored:))
            let service = RegisteredService(
                applicationID: Samples.wiki.id, urls: urls, isEnabled: true, ticketLifetime: 30)
            let found = try await database.roundTrip({ db in
                try db.registeredServices.update(service, in: Samples.acme.id)
            }) { db in
                try [
                    urls[0].text, urls[1].text, "https://wiki.example/B", "https://wiki.example/b ",
                    "https://wiki.example/cas",
                ].map { try db.registeredServices.at($0, in: Samples.acme.id) }
                    + [try db.registeredServices.at(urls[0].text, in: Samples.globex.id)]
            }
            #expect(found == [service, service, nil, nil, nil, nil])
        }
    }

    @Test("a disabled application's service is disabled", .tags(.security), arguments: Backend.available)
    func disabledService(backend: Backend) async throws {
        try await backend.withSamples { database in
            var disabled = Samples.wiki
            disabled.disabledAt = now
            let update = disabled
            let found = try await database.roundTrip({ try $0.applications.update(update) }) { db in
                try db.registeredServices.at("https://wiki.example/cas", in: Samples.acme.id)?.isEnabled
            }
            #expect(found == false)
        }
    }
}
