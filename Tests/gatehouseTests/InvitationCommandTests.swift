import Directory
import Foundation
import TestSupport
import Testing
import Wire

@testable import gatehouse

@Suite("Commands: departments and invitations", .timeLimit(.minutes(10)))
struct InvitationCommandTests {
    let commands = CommandTests()

    @Test("departments are made, listed, changed, filled and removed")
    func departments() async throws {
        try await commands.withTenant { directory, _ in
            let added = try commands.gatehouse(
                ["department", "add", "rd", "--name", "研发", "--invites", "--json"], in: directory)
            #expect(added.json == ["code": "rd", "name": "研发", "invites": true])
            #expect(try commands.gatehouse(["department", "add", "qa", "--parent", "rd"], in: directory).status == 0)
            let user = try commands.gatehouse(
                ["user", "add", "wang.wei", "--phone", "13900000001", "--department", "qa", "--department", "rd"],
                in: directory)
            #expect(user.status == 0)
            let shown = try commands.gatehouse(["user", "show", "wang.wei", "--json"], in: directory)
            #expect(shown.json?["departments"] == ["qa", "rd"])
            let list = try commands.gatehouse(["department", "list", "--json"], in: directory)
            #expect(
                list.json == [
                    ["code": "qa", "name": "qa", "parent": "rd", "invites": false, "members": 1],
                    ["code": "rd", "name": "研发", "parent": .null, "invites": true, "members": 1],
                ])
            let refused = try commands.gatehouse(["department", "remove", "qa"], in: directory)
            #expect(refused.status != 0 && refused.errors.contains("with members is not removed"))
            let changed = try commands.gatehouse(
                ["user", "change", "wang.wei", "--no-department"], in: directory)
            #expect(changed.output == "Changed: departments.\n")
            #expect(try commands.gatehouse(["department", "remove", "qa"], in: directory).status == 0)
            let off = try commands.gatehouse(["department", "change", "rd", "--no-invites"], in: directory)
            #expect(off.output == "Changed: invites.\n")
        }
    }

    @Test("an invitation's code and link are printed once, and never listed", .tags(.security))
    func invitations() async throws {
        try await commands.withTenant { directory, _ in
            #expect(try commands.gatehouse(["department", "add", "rd", "--invites"], in: directory).status == 0)
            let added = try commands.gatehouse(
                [
                    "invitation", "add", "--department", "rd", "--uses", "2", "--lifetime", "3d", "--approval",
                    "--label",
                    "Fair", "--json",
                ], in: directory)
            let json = try #require(added.json)
            let code = try #require(json["code"]?.string.flatMap(InvitationCode.init(typed:)))
            #expect(json["code"] == .string(code.shown))
            #expect(json["link"]?.string?.hasSuffix("/join?code=\(code.text)") == true)
            let id = try #require(json["id"]?.string)
            for arguments in [["invitation", "list"], ["invitation", "list", "--json"], ["log", "audit"]] {
                let output = try commands.gatehouse(arguments, in: directory).output
                #expect(output.contains(id) || arguments[0] == "log")
                #expect(!output.contains(code.text) && !output.contains(code.shown))
            }
            let listed = try #require(
                commands.gatehouse(["invitation", "list", "--json"], in: directory).json?.array?.first)
            #expect(listed["state"] == "open" && listed["uses"] == 0 && listed["limit"] == 2)
            #expect(listed["label"] == "Fair" && listed["approval"] == true)
            let revoked = try commands.gatehouse(["invitation", "revoke", id], in: directory)
            #expect(revoked.output == "The invitation was revoked.\n")
            let again = try commands.gatehouse(["invitation", "revoke", id], in: directory)
            #expect(again.output == "The invitation was revoked already.\n")
            #expect(try commands.gatehouse(["invitation", "requests"], in: directory).output == "Nobody waits.\n")
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var arguments: [String]
        var says: String
        var testDescription: String { arguments.joined(separator: " ") }
    }

    @Test(
        "what cannot be is refused in a sentence",
        arguments: [
            Refusal(arguments: ["invitation", "add", "--department", "hq"], says: "has no department with this code"),
            Refusal(arguments: ["invitation", "add", "--department", "off"], says: "the department's switch is off"),
            Refusal(
                arguments: ["invitation", "add", "--department", "off", "--lifetime", "soon"],
                says: "--lifetime is up to a year"),
            Refusal(arguments: ["invitation", "revoke", "x"], says: "has no invitation with this id"),
            Refusal(arguments: ["invitation", "accept", "x"], says: "nobody waits under this id"),
            Refusal(arguments: ["invitation", "decline", "x"], says: "nobody waits under this id"),
            Refusal(
                arguments: ["department", "change", "off", "--top", "--parent", "hq"], says: "Either --parent or --top"),
        ])
    func refused(_ refusal: Refusal) async throws {
        try await commands.withTenant { directory, _ in
            #expect(try commands.gatehouse(["department", "add", "off"], in: directory).status == 0)
            let outcome = try commands.gatehouse(
                refusal.arguments, in: directory,
                environment: ["GATEHOUSE_TEMPLATES_DIRECTORY": TestServer.repository + "/Templates"])
            #expect(outcome.status != 0 && outcome.output.isEmpty)
            #expect(outcome.errors.contains(refusal.says))
        }
    }
}
