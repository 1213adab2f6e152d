import TestSupport
import Testing

@Suite("/account/password")
struct AccountPasswordPageTests {
    static let next = "Better-Horse-8"

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var current = Samples.password
        var new = next
        var repeated: String? = next
        var errors: [String]
        var violated: [String] = []
    }

    static let refusals = [
        Case(
            testDescription: "wrong current password", current: "Wrong-Horse-1",
            errors: [
                "The current password is not right. Wrong attempts left before the account is frozen for a while: 9."
            ]),
        Case(testDescription: "no current password", current: "", errors: ["Enter your current password."]),
        Case(testDescription: "no new password", new: "", errors: ["Enter a new password."]),
        Case(testDescription: "no repetition", repeated: "", errors: ["Enter the new password again."]),
        Case(testDescription: "no repetition field", repeated: nil, errors: ["Enter the new password again."]),
        Case(
            testDescription: "another repetition", repeated: next + " ",
            errors: ["The two passwords are not the same."]),
        Case(
            testDescription: "the same as now", new: Samples.password, repeated: Samples.password, errors: [broken],
            violated: ["notRecent"]),
        Case(testDescription: "too short", new: "Ab-1", repeated: "Ab-1", errors: [broken], violated: ["length"]),
        Case(
            testDescription: "two classes", new: "abcdefgh12", repeated: "abcdefgh12", errors: [broken],
            violated: ["classes"]),
        Case(
            testDescription: "common", new: "Password-1234", repeated: "Password-1234", errors: [broken],
            violated: ["notCommon"]),
    ]
    static let broken = "The new password does not meet the requirements marked below."

    @Test("refuses, and the old password stays", .tags(.security), arguments: refusals)
    func refuses(_ refusal: Case) async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let page = try await browser.visit("/account/password")
            let visit = try await browser.submit(
                try page.form(to: "/account/password"),
                [
                    "currentPassword": refusal.current, "newPassword": refusal.new,
                    "repeatedPassword": refusal.repeated,
                ])
            #expect(visit.reply.status == 422)
            #expect(visit.reply.formErrors == refusal.errors)
            #expect(violatedRules(on: visit.reply) == refusal.violated)
            for typed in [refusal.current, refusal.new, Self.next] where !typed.isEmpty {
                #expect(!visit.reply.text.contains(typed))
            }
            _ = try await server.signedIn()
        }
    }

    @Test("counts wrong passwords like the sign-in page does", .tags(.security))
    func counts() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            let form = try await browser.visit("/account/password").form(to: "/account/password")
            func change(from current: String) async throws -> Int {
                try await browser.submit(
                    form,
                    ["currentPassword": current, "newPassword": Self.next, "repeatedPassword": Self.next]
                ).reply.status
            }
            for _ in 1...10 { #expect(try await change(from: "Wrong-Horse-1") == 422) }
            #expect(try await change(from: Samples.password) == 422)
            let signIn = try await server.browser().signIn()
            #expect(signIn.reply.status == 422)
        }
    }
}

/// The names of the rules that a page marks as broken.
func violatedRules(on reply: Reply) -> [String] {
    reply.text.split(separator: "<li class=\"rule rule-violated\" data-rule=\"").dropFirst().map {
        String($0.prefix { $0 != "\"" })
    }
}
