import FoundationEssentials
import Gateways
import Logging
import Server

/// Makes the gateways that settings name: those for SMS over one HTTP client, and those for e-mail.
struct SMSGatewayMaker: Sendable {
    /// What everything that we call is called with.
    let http: OutboundHTTP
    private let outgoing: OutboundHTTP.Settings
    private let logger: Logger
    private let now: @Sendable () -> Date

    /// - Throws: ``SettingRefusal`` for a certificate file that cannot be read.
    init(_ settings: Settings.OutgoingSettings, logger: Logger, now: @escaping @Sendable () -> Date) throws {
        var http = OutboundHTTP.Settings()
        http.allowsLoopback = settings.allowsLoopback
        http.allowsPrivateNetworks = settings.allowsPrivateNetworks
        http.requestTimeout = settings.time
        http.connectTimeout = min(http.connectTimeout, settings.time)
        if let path = settings.certificates {
            do { http.trustedCertificates = Array(try Data(contentsOf: URL(filePath: path))) } catch {
                throw SettingRefusal("outgoing.certificates", "names a file that cannot be read")
            }
        }
        self.http = try OutboundHTTP(http)
        outgoing = http
        self.logger = logger
        self.now = now
    }

    /// The gateway of a tenant: the first of its gateways, or what tries them in order.
    func gateway(_ settings: SMSSettings) throws -> any SMSGateway {
        let gateways = try settings.gateways.map(made)
        guard let first = gateways.first else { return LogSMSGateway() }
        guard gateways.count > 1 else { return first }
        return FailOverSMSGateway(first, then: Array(gateways.dropFirst())) { [logger] name, error in
            logger.error(
                "an SMS gateway did not take a message",
                metadata: ["gateway": .string(name), "error": .string("\(error)")])
        }
    }

    /// What sends a tenant's e-mails; nil where nothing does.
    func mailGateway(_ settings: MailSettings) -> (any MailGateway)? {
        switch settings.gateway {
        case nil: nil
        case .log: LogMailGateway()
        case .file(let path): FileMailGateway(path: path, now: now)
        case .smtp(let settings): SMTPMailGateway(settings, outgoing: outgoing, now: now)
        }
    }

    /// Closing is the last thing the process does; a connection that does not close is closed by the system.
    func close() async { try? await http.shutdown() }

    private func made(_ gateway: SMSSettings.Gateway) throws -> any SMSGateway {
        switch gateway {
        case .log: LogSMSGateway()
        case .file(let path): FileSMSGateway(path: path, now: now)
        case .huawei(let settings): try HuaweiCloudSMSGateway(settings, http: http, now: now)
        case .alibaba(let settings): try AlibabaCloudSMSGateway(settings, http: http, now: now)
        case .tencent(let settings): try TencentCloudSMSGateway(settings, http: http, now: now)
        case .webhook(let settings): try WebhookSMSGateway(settings, http: http, now: now)
        }
    }
}
