import Directory
import FoundationEssentials
import Identity
import Storage
import TestSupport
import Testing

@Suite("Departments, invitations and requests", .timeLimit(.minutes(10)))
struct InvitationStoreTests {
    static func department(
        _ code: String, parent: String? = nil, of tenant: Tenant = Samples.acme, invites: Bool = true
    ) -> Department {
        Department(
            id: "\(tenant.code)-\(code)", tenantID: tenant.id, parentID: parent, code: code, name: awkward,
            invites: invites, createdAt: now)
    }

    static func invitation(
        _ id: String, into department: Department, _ change: (inout Invitation) -> Void = { _ in }
    ) -> Invitation {
        var invitation = Invitation(
            id: id, tenantID: department.tenantID, departmentID: department.id, codeIndex: "index of \(id)",
            createdAt: now, expiresAt: now + 60)
        change(&invitation)
        return invitation
    }

    @Test("departments come back as they were stored, by code", arguments: Backend.available)
    func departments(backend: Backend) async throws {
        try await backend.withSamples { database in
            let top = Self.department("top", invites: false)
            let below = Self.department("below", parent: top.id)
            let foreign = Self.department("top", of: Samples.globex)
            let stored = try await database.roundTrip({ db in
                for department in [top, below, foreign] { try db.departments.insert(department) }
            }) { db in
                (
                    try db.departments.all(in: Samples.acme.id), try db.departments.coded("top", in: Samples.globex.id),
                    try db.departments.identified(top.id, in: Samples.globex.id)
                )
            }
            #expect(stored.0 == [below, top])
            #expect(stored.1 == foreign)
            #expect(stored.2 == nil)
        }
    }

    @Test("whether a tenant lets anybody in is its own switch alone", arguments: Backend.available)
    func switches(backend: Backend) async throws {
        try await backend.withSamples { database in
            let department = Self.department("sales")
            try await database.write { db in try db.departments.insert(department) }
            let tenants = [Samples.acme.id, Samples.globex.id]
            let before = try await database.read { db in try tenants.map(db.departments.invite) }
            #expect(before == [true, false])
            let off = Self.department("sales", invites: false)
            let after = try await database.roundTrip({ db in try db.departments.update(off) }) {
                db in try tenants.map(db.departments.invite)
            }
            #expect(after == [false, false])
        }
    }

    @Test("a user's departments keep their order, the primary one first", arguments: Backend.available)
    func members(backend: Backend) async throws {
        try await backend.withSamples { database in
            let all = ["a", "b", "c"].map { Self.department($0) }
            let stored = try await database.roundTrip({ db in
                try all.forEach(db.departments.insert)
                try db.departments.set([all[0].id, all[1].id], ofUser: Samples.alice.id)
                try db.departments.set([all[2].id, all[0].id], ofUser: Samples.alice.id)
            }) { db in
                (
                    try db.departments.ofUser(Samples.alice.id), try db.departments.ofUser(Samples.bob.id),
                    try all.map { try db.departments.memberCount($0.id) }
                )
            }
            #expect(stored.0 == [all[2], all[0]])
            #expect(stored.1 == [])
            #expect(stored.2 == [1, 0, 1])
            let left = try await database.roundTrip({ db in
                try db.users(Samples.sealingKey).delete(Samples.alice.id)
            }) { db in try db.departments.memberCount(all[0].id) }
            #expect(left == 0)
        }
    }

    @Test(
        "an invitation is found at its own tenant alone, and as it was stored", .tags(.security),
        arguments: Backend.available)
    func invitations(backend: Backend) async throws {
        try await backend.withSamples { database in
            let department = Self.department("sales")
            let plain = Self.invitation("plain", into: department)
            let full = Self.invitation("full", into: department) {
                $0.label = awkward
                $0.needsApproval = true
                $0.useLimit = 3
                $0.uses = 2
                $0.revokedAt = now + 1
                $0.createdAt = now + 1
            }
            try await database.write { db in
                try db.departments.insert(department)
                try db.invitations.insert(plain)
                try db.invitations.insert(full)
            }
            let found = try await database.write { db in
                try [(plain.codeIndex, Samples.acme.id), (plain.codeIndex, Samples.globex.id), ("", Samples.acme.id)]
                    .map { try db.invitations.locked(codeIndex: $0, in: $1) }
            }
            #expect(found.map { $0?.invitation } == [plain, nil, nil])
            #expect(found[0]?.department == department)
            let lists = try await database.read { db in
                (
                    try db.invitations.newest(9, in: Samples.acme.id),
                    try db.invitations.newest(1, in: Samples.acme.id),
                    try db.invitations.newest(9, in: Samples.globex.id), try db.invitations.withCode(full.codeIndex),
                    try db.invitations.countOpen(in: Samples.acme.id, now: now)
                )
            }
            #expect(lists.0 == [full, plain])
            #expect(lists.1 == [full])
            #expect(lists.2 == [])
            #expect(lists.3?.invitation == full)
            #expect(lists.4 == 1)
        }
    }

    @Test("only the tenant revokes an invitation, and once", .tags(.security), arguments: Backend.available)
    func revoke(backend: Backend) async throws {
        try await backend.withSamples { database in
            let department = Self.department("sales")
            let outcomes = try await database.write { db in
                try db.departments.insert(department)
                try db.invitations.insert(Self.invitation("one", into: department))
                return try [Samples.globex.id, Samples.acme.id, Samples.acme.id].map {
                    try db.invitations.revoke("one", in: $0, now: now + 2)
                }
            }
            #expect(outcomes == [false, true, false])
            let stored = try await database.read { db in try db.invitations.newest(1, in: Samples.acme.id).first }
            #expect(stored?.revokedAt == now + 2)
        }
    }

    @Test("of many at once only as many use an invitation as it is for", .tags(.security), arguments: Backend.available)
    func uses(backend: Backend) async throws {
        try await backend.withSamples { database in
            let department = Self.department("sales")
            let invitation = Self.invitation("few", into: department) { $0.useLimit = 3 }
            try await database.write { db in
                try db.departments.insert(department)
                try db.invitations.insert(invitation)
            }
            let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<24 {
                    group.addTask {
                        try await database.write { db in
                            let found = try db.invitations.locked(
                                codeIndex: invitation.codeIndex, in: Samples.acme.id)
                            guard found?.invitation.state(invites: true, now: now) == .open else { return false }
                            try db.invitations.use(invitation.id)
                            return true
                        }
                    }
                }
                return try await group.reduce(into: 0) { count, isUsed in if isUsed { count += 1 } }
            }
            #expect(winners == 3)
            let stored = try await database.read { db in try db.invitations.newest(1, in: Samples.acme.id).first }
            #expect(stored?.uses == 3)
        }
    }

    static func request(_ id: String, phone: String = "+8613900000001", at time: Date = now) -> JoinRequest {
        JoinRequest(
            id: id, tenantID: Samples.acme.id, invitationID: "i", departmentID: "acme-sales", name: awkward,
            phone: PhoneNumber(stored: phone), username: Username(stored: "li.ming"), createdAt: time)
    }

    @Test(
        "a request comes back whole, to its own tenant alone, and is sealed", .tags(.security),
        arguments: Backend.available)
    func requests(backend: Backend) async throws {
        try await backend.withSamples { database in
            let requests = [Self.request("one"), Self.request("two", phone: "+8613900000002", at: now + 1)]
            let stored = try await database.roundTrip({ db in
                try db.departments.insert(Self.department("sales"))
                try requests.reversed().forEach(db.joinRequests(Samples.sealingKey).insert)
            }) { db in
                let store = db.joinRequests(Samples.sealingKey)
                return (
                    try store.all(in: Samples.acme.id, limit: 9, now: now + 1),
                    try store.all(in: Samples.globex.id, limit: 9, now: now + 1),
                    try store.identified("one", in: Samples.globex.id, now: now),
                    try store.hasOpen(requests[0].phone, in: Samples.acme.id, now: now),
                    try store.hasOpen(requests[0].phone, in: Samples.globex.id, now: now)
                )
            }
            #expect(stored.0 == requests)
            #expect(stored.1 == [] && stored.2 == nil)
            #expect(stored.3 && !stored.4)
            let texts = try await database.rawTexts(
                "SELECT id, tenant_id, phone_index, sealed_person FROM join_requests", columns: 4)
            for secret in ["13900000001", "li.ming", "O'Neil"] {
                #expect(texts.allSatisfy { !$0.contains(secret) })
            }
        }
    }

    @Test("a phone has one open request; one that was forgotten makes room", arguments: Backend.available)
    func onceEach(backend: Backend) async throws {
        try await backend.withSamples { database in
            try await database.write { db in
                try db.departments.insert(Self.department("sales"))
                try db.joinRequests(Samples.sealingKey).insert(Self.request("one"))
            }
            await #expect(throws: DatabaseError.uniqueViolation(constraint: "join_requests(tenant_id, phone_index)")) {
                try await database.write { db in
                    try db.joinRequests(Samples.sealingKey).insert(Self.request("two", at: now + 1))
                }
            }
            let later = now + JoinRequest.lifetime
            let taken = try await database.write { db in
                let store = db.joinRequests(Samples.sealingKey)
                #expect(try !store.hasOpen(Self.request("x").phone, in: Samples.acme.id, now: later))
                #expect(try store.identified("one", in: Samples.acme.id, now: later) == nil)
                try store.insert(Self.request("three", at: later))
                return try [("three", Samples.globex.id), ("three", Samples.acme.id), ("three", Samples.acme.id)].map {
                    try store.take($0, in: $1)
                }
            }
            #expect(taken == [false, true, false])
        }
    }

    @Test("requests that nobody answered are swept", arguments: Backend.available)
    func swept(backend: Backend) async throws {
        try await backend.withSamples { database in
            let retention = Expiry.Retention(signInLogs: [:], sessionLifetime: nil)
            let left = try await database.roundTrip({ db in
                try db.departments.insert(Self.department("sales"))
                let store = db.joinRequests(Samples.sealingKey)
                try store.insert(Self.request("old", at: now - JoinRequest.lifetime))
                try store.insert(Self.request("new", phone: "+8613900000002", at: now - JoinRequest.lifetime + 1))
                #expect(try db.expiry.sweep(.joinRequests, keeping: retention, rows: 9, now: now) == 1)
            }) { db in try db.rows("SELECT id FROM join_requests") { try $0.next(String.self) } }
            #expect(left == ["new"])
        }
    }
}
