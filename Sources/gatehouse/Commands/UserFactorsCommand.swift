import ArgumentParser
import Foundation
import Identity
import Server
import Wire

extension UserCommand {
    struct Factors: AdministrationCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a user's second factors and passkeys, or remove all of them.",
            discussion: """
                With --remove, for somebody who has lost the device: authenticator app, SMS codes, recovery codes and \
                passkeys go, every session and token ends, and the user is told by message. The password stays.
                """)

        @Argument(help: "The account name.")
        var username: String
        @Flag(help: "Remove all of them.")
        var remove = false
        @OptionGroup var tenant: TenantOption
        @OptionGroup var output: OutputOptions

        func run(_ administration: Administration, now: Date) async throws {
            let code = try await tenant.resolved(administration)
            guard remove else {
                let factors = try await administration.factors(of: username, in: code)
                return output.print(factors.json(username), factors.sentence)
            }
            let removed = try await administration.removeFactors(of: username, in: code, now: now)
            output.print(
                removed.json(username),
                removed.isEmpty ? "There was nothing to remove." : "Removed. \(removed.sentence)")
        }
    }
}

extension SecondFactors {
    fileprivate func json(_ username: String) -> JSON {
        [
            "username": .string(username), "totp": .bool(hasApp), "sms": .bool(hasSMS),
            "passkeys": .integer(Int64(passkeys)), "recoveryCodes": .integer(Int64(recoveryCodes)),
        ]
    }

    fileprivate var sentence: String {
        guard !isEmpty else { return "No second factor and no passkey." }
        var parts: [String] = []
        if hasApp { parts.append("authenticator app") }
        if hasSMS { parts.append("SMS codes") }
        if passkeys > 0 { parts.append("passkeys: \(passkeys)") }
        return parts.joined(separator: ", ") + "; recovery codes left: \(recoveryCodes)."
    }
}
