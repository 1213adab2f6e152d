import ArgumentParser
import Directory
import Foundation
import Server

/// A command that does something in an installation, which is open while it runs.
protocol AdministrationCommand: ConfiguredCommand {
    func run(_ administration: Administration, now: Date) async throws
}

extension AdministrationCommand {
    func run(with sources: ConfigurationSources) async throws {
        let now = ServerEnvironment.systemClock()
        let installation = try await OpenInstallation.open(sources.settings(), logger: .command, now: now)
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await run(installation.administration(), now: now)) } catch {
            outcome = .failure(error)
        }
        await installation.close()
        try outcome.get()
    }
}

/// The tenant that a command is about.
struct TenantOption: ParsableArguments {
    @Option(name: .customLong("tenant"), help: "The tenant's code; may be left out where there is only one.")
    var code: String?

    /// The code that was given, or that of the only tenant.
    func resolved(_ administration: Administration) async throws -> String {
        if let code { return code }
        let tenants = try await administration.tenants()
        guard tenants.count == 1, let only = tenants.first else {
            throw CommandRefusal(
                tenants.isEmpty
                    ? "There is no tenant yet; make one with: gatehouse tenant create"
                    : "There are several tenants; say which one with --tenant.")
        }
        return only.code
    }
}

/// How a command answers.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON instead of a table.")
    var json = false
}

/// Why a command cannot be carried out, in a sentence.
struct CommandRefusal: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// A secret that is read from a file rather than from the command line, which every process of the machine can see.
enum SecretInput {
    /// The first line of a file, or of the standard input for `-`.
    static func read(_ path: String) throws(CommandRefusal) -> String {
        let data =
            path == "-" ? FileHandle.standardInput.readDataToEndOfFile() : FileManager.default.contents(atPath: path)
        guard let data, data.count <= 4_096, let text = String(data: data, encoding: .utf8) else {
            throw CommandRefusal("The file \(path) cannot be read, or is too large to be a secret.")
        }
        return String(text.prefix { !$0.isNewline })
    }
}
