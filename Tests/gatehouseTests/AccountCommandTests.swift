import Foundation
import TestSupport
import Testing
import Wire

@Suite("Commands: accounts and passwords")
struct AccountCommandTests {
    private let commands = CommandTests()

    /// The code in the last message of the file gateway, whatever it is.
    private func lastMessage(in directory: String) throws -> JSON? {
        let text = try String(contentsOfFile: directory + "/sms.jsonl", encoding: .utf8)
        return try text.split(separator: "\n").last.map { try JSON.parse(Array($0.utf8)) }
    }

    /// What commands need that send messages or judge passwords.
    private let environment = [
        "GATEHOUSE_SMS_GATEWAY": "file", "GATEHOUSE_SMS_FILE": "sms.jsonl",
        "GATEHOUSE_TEMPLATES_DIRECTORY": TestServer.repository + "/Templates",
        "GATEHOUSE_PASSWORD_COMMON_LIST": TestServer.repository + "/Resources/common-passwords.txt",
    ]

    @Test("unfreeze says whether there was anything to forget")
    func unfreeze() async throws {
        try await commands.withTenant { directory, _ in
            let outcome = try commands.gatehouse(["user", "unfreeze", "lin.mei", "--json"], in: directory)
            #expect(outcome.status == 0)
            #expect(outcome.json == ["username": "lin.mei", "changed": false])
            let words = try commands.gatehouse(["user", "unfreeze", "lin.mei"], in: directory)
            #expect(words.output == "No wrong attempt was counted.\n")
        }
    }

    @Test("the second factors of a user are told, and removed where there are some", .tags(.security))
    func factors() async throws {
        try await commands.withTenant { directory, _ in
            let none: JSON = ["username": "lin.mei", "totp": false, "sms": false, "passkeys": 0, "recoveryCodes": 0]
            for options in [[], ["--remove"]] {
                let outcome = try commands.gatehouse(
                    ["user", "factors", "lin.mei", "--json"] + options, in: directory, environment: environment)
                #expect(outcome.status == 0, "\(outcome.errors)")
                #expect(outcome.json == none)
            }
            let words = try commands.gatehouse(["user", "factors", "lin.mei"], in: directory)
            #expect(words.output == "No second factor and no passkey.\n")
            #expect(try commands.gatehouse(["user", "factors", "nobody"], in: directory).status != 0)
        }
    }

    @Test("a role is given and taken by add and change, and told by list and show", .tags(.security))
    func roles() async throws {
        try await commands.withTenant { directory, _ in
            func shown(_ name: String) throws -> JSON? {
                try commands.gatehouse(["user", "show", name, "--json"], in: directory).json?["roles"]
            }
            let added = try commands.gatehouse(["user", "add", "wang", "--role", "administrator"], in: directory)
            #expect(added.status == 0, "\(added.errors)")
            #expect(try shown("wang") == ["administrator"])
            #expect(try shown("lin.mei") == [])
            for (options, changed, roles): ([String], JSON, JSON) in [
                (["--role", "administrator"], ["roles"], ["administrator"]),
                (["--role", "administrator"], [], ["administrator"]), (["--name", "林梅"], [], ["administrator"]),
                (["--no-role"], ["roles"], []), (["--no-role"], [], []),
            ] {
                let outcome = try commands.gatehouse(
                    ["user", "change", "lin.mei", "--json"] + options, in: directory)
                #expect(outcome.status == 0, "\(outcome.errors)")
                #expect(options.first == "--name" || outcome.json?["changed"] == changed)
                #expect(try shown("lin.mei") == roles)
            }
            let list = try commands.gatehouse(["user", "list", "--json"], in: directory).json?.array
            #expect(list?.compactMap { $0["roles"] } == [[], ["administrator"]])
            for options in [["--role", "root"], ["--role", "administrator", "--no-role"]] {
                let refused = try commands.gatehouse(["user", "change", "lin.mei"] + options, in: directory)
                #expect(refused.status != 0 && refused.output == "" && !refused.errors.isEmpty)
                #expect(try shown("lin.mei") == [])
            }
        }
    }

    @Test("reset-password sends the one-time password to the phone and prints it nowhere", .tags(.security))
    func oneTime() async throws {
        try await commands.withTenant { directory, _ in
            let outcome = try commands.gatehouse(
                ["user", "reset-password", "lin.mei", "--one-time", "--json"], in: directory, environment: environment)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.json == [["username": "lin.mei", "outcome": "reset"]])
            let message = try #require(try lastMessage(in: directory))
            #expect(message["purpose"] == "NEW_PWD_SMS")
            #expect(message["to"] == "+8613800138000")
            let password = try #require(message["code"]?.string)
            #expect(password.utf8.count == 12)
            #expect(!(outcome.output + outcome.errors).contains(password))
            let shown = try commands.gatehouse(["user", "show", "lin.mei", "--json"], in: directory)
            #expect(shown.json?["hasPassword"] == true)
        }
    }

    @Test("reset-password clears, tells the person, and ends with a status where that did not work")
    func clear() async throws {
        try await commands.withTenant { directory, _ in
            #expect(try commands.gatehouse(["user", "add", "wang"], in: directory).status == 0)
            let outcome = try commands.gatehouse(
                ["user", "reset-password", "lin.mei", "wang", "--json"], in: directory, environment: environment)
            #expect(outcome.status == 1)
            #expect(
                outcome.json == [
                    ["username": "lin.mei", "outcome": "reset"], ["username": "wang", "outcome": "no_phone"],
                ])
            #expect(try lastMessage(in: directory)?["purpose"] == "PWD_CLEARED_SMS")
            let words = try commands.gatehouse(
                ["user", "reset-password", "wang"], in: directory, environment: environment)
            #expect(words.output.contains("not reset: the account has no phone"))
        }
    }

    @Test("one unknown name, and nothing is done", .tags(.security))
    func unknown() async throws {
        try await commands.withTenant { directory, _ in
            let outcome = try commands.gatehouse(
                ["user", "reset-password", "lin.mei", "nobody", "--one-time"], in: directory, environment: environment)
            #expect(outcome.status == 1)
            #expect(outcome.output == "")
            #expect(outcome.errors.contains("no user with this username"))
            #expect(!FileManager.default.fileExists(atPath: directory + "/sms.jsonl"))
        }
    }

    @Test("delete asks for the name once more, and then it is over", .tags(.security))
    func delete() async throws {
        try await commands.withTenant { directory, _ in
            let before = try commands.gatehouse(["user", "show", "lin.mei", "--json"], in: directory).json?["id"]
            for confirm in [[], ["--confirm", "lin.me"], ["--confirm", "LIN.MEI"], ["--confirm", ""]] {
                let refused = try commands.gatehouse(["user", "delete", "lin.mei"] + confirm, in: directory)
                #expect(refused.status != 0)
                #expect(refused.output == "")
            }
            let deleted = try commands.gatehouse(
                ["user", "delete", "lin.mei", "--confirm", "lin.mei", "--json"], in: directory)
            #expect(deleted.status == 0)
            #expect(deleted.json == ["username": "lin.mei", "deleted": true])
            #expect(try commands.gatehouse(["user", "show", "lin.mei"], in: directory).status == 1)
            let again = try commands.gatehouse(["user", "add", "lin.mei", "--phone", "13800138000"], in: directory)
            #expect(again.status == 0, "\(again.errors)")
            let after = try commands.gatehouse(["user", "show", "lin.mei", "--json"], in: directory).json?["id"]
            #expect(before?.string != nil && after?.string != nil && before != after)
        }
    }

    @Test("check --argon2 measures several parameters, marks those in use, and makes nothing")
    func measure() async throws {
        try await withDirectory { directory in
            let environment = ["GATEHOUSE_ARGON2_MEMORY": "64", "GATEHOUSE_ARGON2_ITERATIONS": "1"]
            let outcome = try commands.gatehouse(
                ["check", "--argon2", "--json"], in: directory, environment: environment)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let rows = try #require(outcome.json?.array)
            #expect(rows.count == 7)
            for row in rows {
                #expect(
                    row.members?.map(\.key) == [
                        "memoryKiB", "iterations", "parallelism", "microseconds", "perSecond", "isInUse",
                    ])
                #expect((row["microseconds"]?.integer ?? 0) > 0)
            }
            #expect(rows.filter { $0["isInUse"] == true }.map { $0["memoryKiB"] } == [64])
            let standard = try commands.gatehouse(["check", "--argon2"], in: directory)
            #expect(standard.output.contains("19456 KiB"))
            #expect(standard.output.contains("in use"))
            let made = try FileManager.default.contentsOfDirectory(atPath: directory)
            #expect(made == [])
        }
    }

    @Test("a hash from elsewhere is read from a file, and one that costs too much is refused", .tags(.security))
    func hashFile() async throws {
        try await commands.withTenant { directory, _ in
            let hash = "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"
            try write(hash + "\n", to: directory + "/hash")
            let added = try commands.gatehouse(["user", "add", "chen", "--password-hash-file", "hash"], in: directory)
            #expect(added.status == 0, "\(added.errors)")
            let shown = try commands.gatehouse(["user", "show", "chen", "--json"], in: directory)
            #expect(shown.json?["hasPassword"] == true)
            try write(hash.replacing("$04$", with: "$15$") + "\n", to: directory + "/hash")
            let refused = try commands.gatehouse(
                ["user", "add", "zhou", "--password-hash-file", "hash"], in: directory)
            #expect(refused.status == 1)
            #expect(refused.errors.contains("the form of this hash is not accepted, or it costs more"))
            for outcome in [added, shown, refused] { #expect(!(outcome.output + outcome.errors).contains("$2b$")) }
        }
    }

    @Test("an initial password is given by a file and shown as •••, whatever lists the tenant", .tags(.security))
    func initialPassword() async throws {
        try await commands.withTenant { directory, _ in
            try write("Quiet-Harbour-42\n", to: directory + "/initial")
            let set = ["tenant", "change", "acme", "--set-file", "password.initial=initial", "--json"]
            let outcomes = try [set, ["tenant", "list", "--json"], ["tenant", "list"], set].map {
                try commands.gatehouse($0, in: directory, environment: environment)
            }
            #expect(outcomes.map(\.status) == [0, 0, 0, 0], "\(outcomes.map(\.errors))")
            #expect(outcomes[0].json?["changed"] == ["settings.password.initial"])
            #expect(outcomes[3].json?["changed"] == [])
            for outcome in outcomes {
                #expect(!(outcome.output + outcome.errors).contains("Quiet-Harbour"))
                #expect(!(outcome.output + outcome.errors).contains("argon2id"))
            }
            #expect(outcomes[1].output.contains(#""password.initial":"•••""#))
        }
    }
}
