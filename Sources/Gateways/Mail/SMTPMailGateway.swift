import Cryptography
package import FoundationEssentials
import NIOCore
import NIOPosix

/// Submits messages to an enterprise's mail server (RFC 6409) with libcurl.
///
/// Each message is a connection of its own; nobody sends so many that it would matter. The server's certificate is
/// verified, and an address of the inside is called only where a setting says so, like every other address.
package struct SMTPMailGateway: MailGateway {
    private let settings: Settings
    private let outgoing: OutboundHTTP.Settings
    private let now: @Sendable () -> Date
    package var name: String { "smtp" }

    /// Where, as whom and in whose name. Prints as `•••`.
    package struct Settings: Equatable, Sendable {
        package var server: SMTPServer
        /// nil for a server that takes messages without a login.
        package var login: Login?
        package var from: MailAddress
        /// What stands before the address in people's mail programs.
        package var fromName: String?

        package init(server: SMTPServer, login: Login?, from: MailAddress, fromName: String?) {
            self.server = server
            self.login = login
            self.from = from
            self.fromName = fromName
        }
    }

    /// Name and password at a mail server. Prints as `•••`.
    package struct Login: Equatable, Sendable {
        package var name: String
        package var password: String

        package init(name: String, password: String) {
            self.name = name
            self.password = password
        }
    }

    /// - Parameters:
    ///   - outgoing: What requests that we make may do; times, addresses and authorities hold for mail too.
    ///   - now: The clock.
    package init(_ settings: Settings, outgoing: OutboundHTTP.Settings, now: @escaping @Sendable () -> Date) {
        self.settings = settings
        self.outgoing = outgoing
        self.now = now
    }

    package func send(_ message: MailMessage) async throws -> MailReceipt {
        let addresses = try await addresses()
        var random = SecureRandom()
        let document = MailDocument(
            message, from: settings.from, name: settings.fromName, date: now(), using: &random)
        let transfer = SMTPTransfer(
            settings: settings, outgoing: outgoing, addresses: addresses, receiver: message.to, bytes: document.bytes)
        try await BlockingCall.run(
            on: Self.threads, timeout: outgoing.requestTimeout + 1,
            otherwise: MailError.unavailable(reason: "timed out")
        ) { try transfer.run() }
        return MailReceipt(gateway: name, reference: document.id)
    }

    /// Those of the server's addresses that may be called. The transfer goes to them and asks for the name no more, so
    /// that a name which changes its address in between gains nothing.
    private func addresses() async throws -> [String] {
        let server = settings.server
        do {
            let all = try await NameResolution.addresses(
                of: server.host, port: server.port, timeout: outgoing.connectTimeout)
            let allowed = all.filter { AddressReach($0).isAllowed(by: outgoing) }
            guard !allowed.isEmpty else { throw MailError.misconfigured(reason: "the address may not be called") }
            return allowed.compactMap { address in address.ipAddress.map { $0.contains(":") ? "[\($0)]" : $0 } }
        } catch let error as OutboundError {
            throw MailError.unavailable(reason: error == .timedOut ? "timed out" : "unknown host")
        }
    }

    /// The library blocks. The threads live as long as the process; a server that does not answer keeps one busy until
    /// its time is over.
    private static let threads: NIOThreadPool = {
        let threads = NIOThreadPool(numberOfThreads: 4)
        threads.start()
        return threads
    }()
}

extension SMTPMailGateway.Settings: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension SMTPMailGateway.Login: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
