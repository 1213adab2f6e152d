import Directory
import Foundation
import Gateways
import Identity
import Server
import Storage
import TestSupport
import Testing

@Suite("Management: a user is changed")
struct UserChangeTests {
    let now = TestInstallation.now

    private func change(_ draft: UserDraft, _ installation: TestInstallation) async throws -> [String] {
        try await installation.administration.changeUser(draft, of: "acme", now: now + 5)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var draft: UserDraft
        var fields: [String]
        var expected: @Sendable (inout User) -> Void = { _ in }
    }

    @Test(
        "changes what is given and nothing else",
        arguments: [
            Case(testDescription: "nothing", draft: UserDraft(username: "lin.mei"), fields: []),
            Case(testDescription: "the same", draft: UserDraft(username: "lin.mei", name: "林梅"), fields: []),
            Case(testDescription: "name", draft: UserDraft(username: "lin.mei", name: "林美"), fields: ["name"]) {
                $0.profile.name = "林美"
            },
            Case(
                testDescription: "phone", draft: UserDraft(username: "lin.mei", phone: "139 0013 9000"),
                fields: ["phone"]
            ) { $0.profile.phone = PhoneNumber(stored: "+8613900139000") },
            Case(
                testDescription: "e-mail", draft: UserDraft(username: "lin.mei", email: "x@acme.example"),
                fields: ["email"]
            ) { $0.profile.email = EmailAddress(stored: "x@acme.example") },
            Case(
                testDescription: "employee id", draft: UserDraft(username: "lin.mei", employeeID: "E-7"),
                fields: ["employeeID"]
            ) { $0.profile.employeeID = "E-7" },
            Case(testDescription: "groups", draft: UserDraft(username: "lin.mei", groups: []), fields: ["groups"]) {
                $0.groupIDs = []
            },
        ])
    func fields(_ example: Case) async throws {
        try await TestInstallation.peopled { installation async throws in
            var expected = try await installation.user()
            #expect(try await change(example.draft, installation) == example.fields)
            if !example.fields.isEmpty { expected.updatedAt = now + 5 }
            example.expected(&expected)
            #expect(try await installation.user() == expected)
        }
    }

    @Test(
        "refuses what is somebody else's, and changes nothing", .tags(.security), arguments: Backend.available)
    func conflicts(_ backend: Backend) async throws {
        try await TestInstallation.peopled(on: backend) { installation async throws in
            let wang = UserDraft(
                username: "wang", phone: "13900139000", email: "wang@acme.example", employeeID: "13700137000")
            _ = try await installation.administration.addUser(wang, to: "acme", now: now)
            let (before, events) = (try await installation.user(), try await installation.events())
            for (draft, field) in [
                (UserDraft(username: "lin.mei", phone: "+86 139-0013-9000"), "phone"),
                (UserDraft(username: "lin.mei", email: "WANG@acme.example"), "email"),
                (UserDraft(username: "lin.mei", employeeID: "１３７００１３７０００"), "employeeID"),
                (UserDraft(username: "lin.mei", employeeID: "Wang"), "employeeID"),
                (UserDraft(username: "lin.mei", employeeID: "+8613900139000"), "employeeID"),
                (UserDraft(username: "lin.mei", employeeID: "wang@acme.example"), "employeeID"),
                (UserDraft(username: "lin.mei", phone: "13700137000"), "phone"),
            ] {
                let error = await #expect(throws: AdministrationError.self) { try await change(draft, installation) }
                #expect(error?.field == field)
                #expect(error?.description.contains("139") == false && error?.description.contains("137") == false)
            }
            for name in ["13700137000", "WANG"] {
                let draft = UserDraft(username: name)
                let error = await #expect(throws: AdministrationError.self) {
                    try await installation.administration.addUser(draft, to: "acme", now: now)
                }
                #expect(error?.field == "username")
            }
            #expect(try await installation.user() == before)
            #expect(try await installation.events() == events)
            #expect(installation.sms.messages.isEmpty)
        }
    }

    @Test("who shares an employee id from before there was a rule can still be changed", .tags(.security))
    func sharedEmployeeID() async throws {
        try await TestInstallation.peopled { installation async throws in
            for (name, id) in [("wang", "E-7"), ("zhao", "E-8")] {
                _ = try await installation.administration.addUser(
                    UserDraft(username: name, employeeID: id), to: "acme", now: now)
            }
            var zhao = try await installation.user("zhao")
            zhao.profile.employeeID = "E-7"
            let shared = zhao
            try await installation.database.write { [keys = installation.keys] db in
                try db.execute("UPDATE users SET employee_index = NULL")
                try db.users(keys.sealing).update(shared)
                try db.execute("UPDATE users SET employee_index = NULL")
                _ = try db.users(keys.sealing).indexEmployees(after: "", in: shared.tenantID, limit: 500)
            }
            #expect(try await change(UserDraft(username: "zhao", name: "赵"), installation) == ["name"])
            await #expect(throws: AdministrationError.self) {
                try await change(UserDraft(username: "lin.mei", employeeID: "e-7"), installation)
            }
            #expect(try await change(UserDraft(username: "zhao", employeeID: "E-9"), installation) == ["employeeID"])
        }
    }

    @Test("whoever has the old phone is told, and only then", .tags(.security), arguments: Backend.available)
    func tells(_ backend: Backend) async throws {
        try await TestInstallation.peopled(on: backend) { installation async throws in
            _ = try await change(UserDraft(username: "lin.mei", name: "林美"), installation)
            _ = try await change(UserDraft(username: "lin.mei", phone: "+86 13800138000"), installation)
            #expect(installation.sms.messages.isEmpty)
            _ = try await change(UserDraft(username: "lin.mei", phone: "13900139000"), installation)
            let told = installation.sms.messages
            #expect(told.map(\.to) == ["+8613800138000"])
            #expect(told.map(\.purpose) == [SMSPurpose.phoneChanged.rawValue])
            #expect(told.allSatisfy { !$0.text.contains("139") })
            #expect(try await installation.events().allSatisfy { !$0.contains("1380013") && !$0.contains("1390013") })
        }
    }

    @Test("a first phone has nobody to tell")
    func firstPhone() async throws {
        try await TestInstallation.peopled { installation async throws in
            _ = try await installation.administration.addUser(UserDraft(username: "wang"), to: "acme", now: now)
            #expect(try await change(UserDraft(username: "wang", phone: "13900139000"), installation) == ["phone"])
            #expect(installation.sms.messages.isEmpty)
        }
    }

    @Test(
        "codes under way are void with a new phone, and stay with any other change", .tags(.security),
        arguments: Backend.available)
    func voids(_ backend: Backend) async throws {
        try await TestInstallation.peopled(["acme", "other"], on: backend) { installation async throws in
            for code in ["acme", "other"] {
                let user = try await installation.user(in: code)
                try await installation.database.write { db in
                    let target = SMSChallenge.Target(
                        tenantID: user.tenantID, purpose: .signIn, phoneIndex: "index", interactionID: "i")
                    try db.smsChallenges.put(
                        SMSChallenge(
                            target: target, userID: user.id, codeHash: "h", triesUsed: 0, createdAt: now,
                            expiresAt: nil, usedAt: nil))
                }
            }
            func left() async throws -> Int {
                try await installation.database.read { db in
                    try db.rows("SELECT user_id FROM sms_challenges") { try $0.next(String.self) }.count
                }
            }
            _ = try await change(UserDraft(username: "lin.mei", name: "林美"), installation)
            #expect(try await left() == 2)
            _ = try await change(UserDraft(username: "lin.mei", phone: "13900139000"), installation)
            #expect(try await left() == 1)
        }
    }

    @Test("nobody is made by a change", .tags(.security))
    func unknown() async throws {
        try await TestInstallation.peopled { installation async throws in
            for draft in [UserDraft(username: "wang", name: "W"), UserDraft(username: "13800138000", name: "W")] {
                let error = await #expect(throws: AdministrationError.self) { try await change(draft, installation) }
                #expect(error?.field == "username")
            }
            let error = await #expect(throws: AdministrationError.self) {
                try await installation.administration.changeUser(
                    UserDraft(username: "lin.mei", name: "W"), of: "nowhere", now: now)
            }
            #expect(error?.field == "tenant")
        }
    }
}
