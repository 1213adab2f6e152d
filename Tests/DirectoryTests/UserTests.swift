import Directory
import FoundationEssentials
import Testing

@Suite("Users")
struct UserTests {
    @Test("is pending until the first sign-in, then active")
    func status() {
        #expect(Sample.user.status == .pending)
        #expect(changed(Sample.user) { $0.activatedAt = Sample.now }.status == .active)
    }

    @Test("is, enabled again, what it was before it was disabled", arguments: [nil, Sample.now])
    func enabledAgain(_ activatedAt: Date?) {
        var user = changed(Sample.user) { $0.activatedAt = activatedAt }
        let before = user.status
        user.disabledAt = Sample.now + 5
        #expect(user.status == .disabled)
        #expect(!user.isEnabled)
        user.disabledAt = nil
        #expect(user.status == before)
    }

    @Test("may have its own phone number as its username")
    func ownPhone() throws {
        for name in ["13800001234", "8613800001234"] {
            try changed(Sample.user) { $0.username = Username(stored: name) }.checkIdentifiers()
        }
    }

    @Test("may not have a username that reads as someone else's phone number", .tags(.security))
    func foreignPhone() {
        for name in ["13900001234", "8613900001234", "139-0000-1234"] {
            let user = changed(Sample.user) { $0.username = Username(stored: name) }
            #expect(throws: DirectoryError.usernameIsForeignPhone) { try user.checkIdentifiers() }
        }
        let withoutPhone = changed(Sample.user) {
            $0.username = Username(stored: "13800001234")
            $0.profile.phone = nil
        }
        #expect(throws: DirectoryError.usernameIsForeignPhone) { try withoutPhone.checkIdentifiers() }
    }
}

@Suite("Attribute release")
struct AttributeReleaseTests {
    @Test("releases what is listed, in that order, under those names, and nothing else")
    func releases() throws {
        let release = try AttributeRelease([
            .init(.username, as: "userName"), .init(.phone, as: "mobile"), .init(.groups, as: "groups"),
            .init(.tenant, as: "tenant"),
        ])
        #expect(
            release.values(of: Sample.user, groups: Sample.groups, tenant: Sample.tenant) == [
                .init("userName", .text("li.ming")), .init("mobile", .text("+8613800001234")),
                .init("groups", .list(["Finance", "研发"])), .init("tenant", .text("acme")),
            ])
        #expect(AttributeRelease.none.values(of: Sample.user, groups: Sample.groups, tenant: Sample.tenant).isEmpty)
    }

    @Test("leaves out what the user does not have")
    func missing() throws {
        let bare = changed(Sample.user) { $0.profile = Profile(name: "李明") }
        let release = try AttributeRelease([
            .init(.email, as: "email"), .init(.phone, as: "phone"), .init(.employeeID, as: "employeeID"),
            .init(.name, as: "name"),
        ])
        #expect(
            release.values(of: bare, groups: [], tenant: Sample.tenant) == [.init("name", .text("李明"))])
    }

    @Test(
        "refuses a name that would break an answer", .tags(.security),
        arguments: [
            "", "1a", "-a", "a b", "a:b", "a<b", "a>", "a/", "ä", "a\"", "a\n", String(repeating: "a", count: 65),
        ].map(Shown.init))
    func badName(_ shown: Shown) {
        #expect(throws: DirectoryError.badAttributeName) { try AttributeRelease([.init(.name, as: shown.text)]) }
    }

    @Test("refuses two values under one name", .tags(.security))
    func repeated() {
        #expect(throws: DirectoryError.repeatedAttributeName) {
            try AttributeRelease([.init(.name, as: "x"), .init(.email, as: "x")])
        }
    }
}
