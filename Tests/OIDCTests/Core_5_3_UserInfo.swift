import Directory
import OAuth2
import OIDC
import Testing

@Suite("OIDC Core §5.3 UserInfo endpoint, §5.4 Claims by scope")
struct UserInfoTests {
    static func json(_ scope: String, _ change: (inout User) -> Void = { _ in }) throws -> String {
        text(UserInfo(Sample.user(change), groups: Sample.groups, scope: try Scope(parsing: scope)).json)
    }

    @Test(
        "tells what the scope opens and no more", .tags(.security),
        arguments: [
            ("openid", #"{"sub":"u-1"}"#),
            (
                "openid profile",
                #"{"sub":"u-1","name":"爱丽丝","preferred_username":"alice","updated_at":1700000000}"#
            ),
            ("openid email", #"{"sub":"u-1","email":"alice@corp.example","email_verified":false}"#),
            ("openid phone", #"{"sub":"u-1","phone_number":"+8613800001234"}"#),
            ("openid groups", #"{"sub":"u-1","groups":["finance","staff"]}"#),
            ("openid offline_access emails phones", #"{"sub":"u-1"}"#),
            (
                "openid phone email groups",
                #"{"sub":"u-1","email":"alice@corp.example","email_verified":false,"phone_number":"+8613800001234","#
                    + #""groups":["finance","staff"]}"#
            ),
        ])
    func claims(_ scope: String, _ expected: String) throws {
        #expect(try Self.json(scope) == expected)
    }

    @Test("§5.1: email_verified is true for an address that the person proved, and for no other", .tags(.security))
    func verified() throws {
        let proved = try Self.json("openid email") { $0.profile.emailVerifiedAt = $0.createdAt }
        #expect(proved == #"{"sub":"u-1","email":"alice@corp.example","email_verified":true}"#)
        let changed = try Self.json("openid email") {
            $0.profile.emailVerifiedAt = $0.createdAt
            $0.profile.email = EmailAddress(stored: "other@corp.example")
        }
        #expect(changed == #"{"sub":"u-1","email":"other@corp.example","email_verified":false}"#)
    }

    @Test("§5.3.2: what the person does not have is left out")
    func missing() throws {
        let json = try Self.json("openid email phone groups") {
            $0.profile.email = nil
            $0.profile.phone = nil
            $0.groupIDs = []
        }
        #expect(json == #"{"sub":"u-1","groups":[]}"#)
    }

    @Test("§2: sub does not follow a changed name, phone or address", .tags(.security))
    func subject() throws {
        let renamed = Sample.user {
            $0.username = Username(stored: "bob")
            $0.profile = Profile(name: "Bob")
        }
        #expect(SubjectIdentifier(of: renamed) == SubjectIdentifier(of: Sample.user()))
        #expect(SubjectIdentifier(stored: "U-1") != SubjectIdentifier(of: Sample.user()))
    }

    @Test("a name cannot add claims", .tags(.security))
    func hostileName() throws {
        let json = try Self.json("openid profile") { $0.profile.name = #"x","sub":"u-2"# }
        #expect(json.hasPrefix(#"{"sub":"u-1","name":"x\",\"sub\":\"u-2","#))
    }

    @Test("prints as •••", .tags(.security))
    func conceals() throws {
        let info = UserInfo(Sample.user(), groups: [], scope: .supported)
        var dumped = ""
        dump(info, to: &dumped)
        #expect(!"\(info) \(String(reflecting: info)) \(dumped)".contains("1380"))
    }
}
