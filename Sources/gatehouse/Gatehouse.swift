import ArgumentParser
import Foundation

/// The command `gatehouse`: the server, and everything an operator does to an installation.
@main
struct Gatehouse: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gatehouse",
        abstract: "An enterprise single sign-on identity provider.",
        discussion: """
            Every setting of Docs/operate.md is a flag of every command (--http-port 8080), a variable of the \
            environment (GATEHOUSE_HTTP_PORT) and a key of the configuration file, which is named by --config, by \
            GATEHOUSE_CONFIG, or is ./gatehouse.yaml. Flags go before the environment, and that before the file.
            """,
        subcommands: [
            Serve.self, Check.self, Apply.self, TenantCommand.self, GroupCommand.self, UserCommand.self,
            ApplicationCommand.self, DomainCommand.self, SMSCommand.self, LogCommand.self,
            MailCommand.self,
            DepartmentCommand.self, InvitationCommand.self,
        ])

    /// Takes the flags of settings out, which every command has, and leaves the rest to the commands.
    static func main() async {
        do {
            let (flags, rest) = try SettingFlags.split(Array(CommandLine.arguments.dropFirst()))
            var command = try parseAsRoot(rest)
            guard let configured = command as? any ConfiguredCommand else { return try command.run() }
            let sources = try ConfigurationSources.read(
                flags: flags, environment: ProcessInfo.processInfo.environment)
            try await configured.run(with: sources)
        } catch {
            exit(withError: error)
        }
    }
}

/// A command that works by the settings.
protocol ConfiguredCommand: ParsableCommand {
    func run(with sources: ConfigurationSources) async throws
}
