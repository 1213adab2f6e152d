import Foundation
import Testing
import Wire

/// The binary itself, as an operator meets it.
@Suite("Commands")
struct CommandTests {
    struct Outcome: Sendable {
        let status: Int32
        let output: String
        let errors: String

        var json: JSON? { try? JSON.parse(Array(output.utf8)) }
    }

    /// Runs the binary in a directory of its own, with nothing in its environment.
    func gatehouse(_ arguments: [String], in directory: String, environment: [String: String] = [:]) throws
        -> Outcome
    {
        let process = Process()
        process.executableURL = Self.binary
        process.arguments = arguments
        process.environment = environment
        process.currentDirectoryURL = URL(filePath: directory)
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        try process.run()
        // No command here says more than a pipe holds.
        process.waitUntilExit()
        let text = { (pipe: Pipe) in String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self) }
        return Outcome(status: process.terminationStatus, output: text(output), errors: text(errors))
    }

    /// It is built beside the tests.
    private static let binary = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appending(path: "gatehouse")

    private static let tenant = """
        tenants:
          - code: acme
            name: Acme
            issuer: https://sso.acme.example
            users: [{username: lin.mei, name: 林梅, phone: "13800138000", email: lin.mei@acme.example}]
            applications:
              - {slug: wiki, protocol: oauth, redirectURIs: ["https://wiki.example/cb"]}
        """

    func withTenant(_ body: (String, JSON) throws -> Void) async throws {
        try await withDirectory { directory in
            try write(Self.tenant, to: directory + "/tenant.yaml")
            let applied = try gatehouse(["apply", "-f", "tenant.yaml", "--json"], in: directory)
            try #require(applied.status == 0, "\(applied.errors)")
            try body(directory, try #require(applied.json))
        }
    }

    @Test(
        "the first command makes database and key for their owner only; a second apply changes nothing",
        .tags(.security))
    func firstCommand() async throws {
        try await withTenant { directory, report in
            #expect(report["unchanged"] == false)
            for (name, expected) in [
                ("Data", 0o700), ("Keys", 0o700), ("Data/gatehouse.sqlite", 0o600), ("Keys/sealing.key", 0o600),
            ] {
                let attributes = try FileManager.default.attributesOfItem(atPath: "\(directory)/\(name)")
                #expect(attributes[.posixPermissions] as? Int == expected, "\(name)")
            }
            let again = try gatehouse(["apply", "-f", "tenant.yaml", "--json"], in: directory)
            #expect(again.json?["unchanged"] == true)
            #expect(again.json?["credentials"] == [])
        }
    }

    @Test("a secret is printed when it is made and never again", .tags(.security))
    func secretOnce() async throws {
        try await withTenant { directory, report in
            let secret = try #require(report["credentials"]?.array?.first?["clientSecret"]?.string)
            for command in [
                ["application", "secret", "list", "wiki"], ["application", "show", "wiki"], ["application", "list"],
                ["apply", "-f", "tenant.yaml"], ["check"],
            ] {
                for arguments in [command, command + ["--json"]] {
                    let outcome = try gatehouse(arguments, in: directory)
                    #expect(outcome.status == 0, "\(arguments)")
                    #expect(!(outcome.output + outcome.errors).contains(secret), "\(arguments)")
                    #expect(!(outcome.output + outcome.errors).contains("gths_"), "\(arguments)")
                }
            }
        }
    }

    @Test("phone and e-mail are masked unless they are asked for", .tags(.security))
    func masked() async throws {
        try await withTenant { directory, _ in
            for command in [
                ["user", "list", "--json"], ["user", "show", "lin.mei"], ["user", "show", "lin.mei", "--json"],
            ] {
                let outcome = try gatehouse(command, in: directory)
                #expect(outcome.status == 0)
                #expect(!outcome.output.contains("13800138000") && !outcome.output.contains("lin.mei@"))
            }
            let revealed = try gatehouse(["user", "show", "lin.mei", "--reveal", "--json"], in: directory)
            #expect(revealed.json?["phone"] == "+8613800138000")
            #expect(revealed.json?["email"] == "lin.mei@acme.example")
        }
    }

    @Test(
        "check shows secret settings as •••, from wherever they come", .tags(.security),
        arguments: [["check"], ["check", "--json"]])
    func maskedSettings(_ arguments: [String]) async throws {
        try await withDirectory { directory in
            try write("sms.huawei.secret: hidden-in-file", to: directory + "/gatehouse.yaml")
            let outcome = try gatehouse(
                arguments, in: directory,
                environment: ["GATEHOUSE_DATABASE_URL": "postgresql://g:hidden-in-variable@127.0.0.1:1/g"])
            #expect(outcome.status == 1)
            #expect(outcome.output.contains("•••"))
            #expect(!(outcome.output + outcome.errors).contains("hidden"))
        }
    }

    @Test("user change says what has changed, and never a phone number", .tags(.security))
    func userChange() async throws {
        try await withTenant { directory, _ in
            let templates = URL(filePath: #filePath).appending(path: "../../../Templates").standardizedFileURL.path()
            try write("templates.directory: \(templates)", to: directory + "/gatehouse.yaml")
            let command = ["user", "change", "lin.mei", "--phone", "13900139000", "--employee-id", "E-7"]
            for expected: JSON in [["phone", "employeeID"], []] {
                let outcome = try gatehouse(command + ["--json"], in: directory)
                #expect(outcome.status == 0, "\(outcome.errors)")
                #expect(outcome.json?["changed"] == expected)
                #expect(!outcome.output.contains("139"))
            }
            let refused = try gatehouse(["user", "change", "lin.mei", "--phone", "12345"], in: directory)
            #expect(refused.status != 0)
            #expect(!refused.errors.contains("12345"))
            let shown = try gatehouse(["user", "show", "lin.mei", "--reveal", "--json"], in: directory)
            #expect(shown.json?["phone"] == "+8613900139000")
            #expect(try gatehouse(["user", "change", "nobody", "--name", "N"], in: directory).status != 0)
        }
    }

    @Test("check makes nothing", .tags(.security))
    func checkOnly() async throws {
        try await withDirectory { directory in
            let outcome = try gatehouse(["check"], in: directory)
            let made = try FileManager.default.contentsOfDirectory(atPath: directory)
            #expect(outcome.status == 0)
            #expect(made == [])
        }
    }

    @Test(
        "a missing key is refused by every command, in a sentence on the standard error", .tags(.security),
        arguments: [["check"], ["tenant", "list"], ["user", "add", "wang"], ["apply", "-f", "tenant.yaml"]])
    func missingKey(_ arguments: [String]) async throws {
        try await withTenant { directory, _ in
            try FileManager.default.removeItem(atPath: directory + "/Keys/sealing.key")
            let outcome = try gatehouse(arguments, in: directory)
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("Restore that file from a backup"))
            let keys = try FileManager.default.contentsOfDirectory(atPath: directory + "/Keys")
            #expect(keys == [])
        }
    }

    @Test("the audit log comes in pages, as a table and as JSON")
    func auditLog() async throws {
        try await withTenant { directory, _ in
            let page = try gatehouse(["log", "audit", "--limit", "2", "--json"], in: directory)
            let next = try #require(page.json?["next"]?.string)
            let rest = try gatehouse(["log", "audit", "--after", next, "--json"], in: directory)
            let names = [page, rest].flatMap { $0.json?["events"]?.array ?? [] }.compactMap { $0["event"]?.string }
            #expect(
                Set(names) == ["tenant.created", "user.created", "application.created", "application.secret_added"])
            #expect(names.count == 4)
            #expect(rest.json?["next"] == .null)
            let made = ["log", "audit", "--user", "13800138000", "--event", "user.created"]
            let event = try gatehouse(made + ["--json"], in: directory).json?["events"]?.array?.first
            #expect(event?["user"]?["account"] == "lin.mei")
            #expect(event?["actor"]?["kind"] == "operator")
            let table = try gatehouse(made, in: directory).output
            #expect(table.hasPrefix("TIME  ") && table.contains("user.created  operator "))
            #expect(table.contains("lin.mei") && !table.contains("13800138000"))
            #expect(try gatehouse(["log", "audit", "--limit", "1"], in: directory).errors.contains("--after "))
        }
    }

    @Test("a sign-in log that nobody has written to is empty, in either form")
    func emptyLog() async throws {
        try await withTenant { directory, _ in
            let options = ["--user", "lin.mei", "--from", "2026-01-01", "--result", "failed", "--method", "sms"]
            let table = try gatehouse(["log", "sign-ins"] + options, in: directory)
            #expect(table.output == "There is no such event.\n")
            let json = try gatehouse(["log", "sign-ins", "--json"] + options, in: directory)
            #expect(json.json == ["events": [], "next": .null])
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var arguments: [String]
        var status: Int32
        var says: String

        var testDescription: String { arguments.joined(separator: " ") }
    }

    @Test(
        "what cannot be done is said on the standard error, with a status, and nothing on the standard output",
        arguments: [
            Refusal(arguments: ["tenant", "list", "--http-prot", "1"], status: 64, says: "--http-prot"),
            Refusal(arguments: ["tenant", "list", "--http-port", "99999"], status: 1, says: "http.port is too large"),
            Refusal(arguments: ["tenant", "list", "--config", "none.yaml"], status: 1, says: "none.yaml"),
            Refusal(arguments: ["user", "show", "nobody"], status: 1, says: "no user with this username"),
            Refusal(arguments: ["user", "list", "--tenant", "other"], status: 1, says: "no tenant with this code"),
            Refusal(arguments: ["user", "add", "wang", "--phone", "1"], status: 1, says: "phone: a phone number is"),
            Refusal(
                arguments: [
                    "application", "add", "x", "--protocol", "cas", "--service", "https://x.example/", "--public",
                ],
                status: 1, says: "do not go with --protocol cas"),
            Refusal(
                arguments: ["application", "secret", "revoke", "wiki", "none"], status: 1,
                says: "no secret with this id"),
            Refusal(
                arguments: ["application", "secret", "revoke", "wiki", "none", "--at", "tomorrow"], status: 1,
                says: "--at takes a span"),
            Refusal(arguments: ["log", "sign-ins", "--user", "nobody"], status: 1, says: "no user with this"),
            Refusal(arguments: ["log", "sign-ins", "--result", "denied"], status: 64, says: "succeeded"),
            Refusal(arguments: ["log", "sign-ins", "--from", "monday"], status: 1, says: "--from takes a day such as"),
            Refusal(arguments: ["log", "sign-ins", "--after", "x"], status: 1, says: "no place that the log gave out"),
            Refusal(
                arguments: ["log", "audit", "--event", "sign_in.failed"], status: 1, says: "no event of this name"),
            Refusal(arguments: ["log", "audit", "--limit", "0"], status: 1, says: "1 to 1000 events"),
            Refusal(arguments: ["apply", "-f", "none.yaml"], status: 1, says: "none.yaml cannot be read"),
        ])
    func refuses(_ refusal: Refusal) async throws {
        try await withTenant { directory, _ in
            for arguments in [refusal.arguments, refusal.arguments + ["--json"]] {
                let outcome = try gatehouse(arguments, in: directory)
                #expect(outcome.status == refusal.status)
                #expect(outcome.output == "")
                #expect(outcome.errors.contains(refusal.says), "\(outcome.errors)")
            }
        }
    }
}
