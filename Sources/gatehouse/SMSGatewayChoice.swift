import FoundationEssentials
import Gateways
import Server

/// The SMS gateway that the settings choose.
enum SMSGatewayChoice {
    /// A gateway, and what closes its connections.
    struct Made {
        let gateway: any SMSGateway
        let close: @Sendable () async -> Void
    }

    /// Makes the gateway.
    /// - Throws: ``SettingRefusal`` for a certificate file that cannot be read; what the gateway says of its settings.
    static func make(_ settings: Settings, now: @escaping @Sendable () -> Date) throws -> Made {
        switch settings.sms.gateway {
        case .log: return Made(gateway: LogSMSGateway()) {}
        case .file(let path): return Made(gateway: FileSMSGateway(path: path, now: now)) {}
        case .huawei(let huawei):
            let http = try outgoing(settings.outgoing)
            let gateway = try HuaweiCloudSMSGateway(vendorSettings(huawei), http: http, now: now)
            // Closing is the last thing the process does; a connection that does not close is closed by the system.
            return Made(gateway: gateway) { try? await http.shutdown() }
        }
    }

    private static func vendorSettings(_ settings: Settings.HuaweiSettings) -> HuaweiCloudSMSGateway.Settings {
        let signature = settings.signature.isEmpty ? nil : settings.signature
        return HuaweiCloudSMSGateway.Settings(
            endpoint: settings.url, applicationKey: settings.key, applicationSecret: settings.secret,
            defaultTemplate: .init(id: settings.template, sender: settings.sender, signature: signature))
    }

    private static func outgoing(_ settings: Settings.OutgoingSettings) throws -> OutboundHTTP {
        var http = OutboundHTTP.Settings()
        http.allowsLoopback = settings.allowsLoopback
        if let path = settings.certificates {
            do { http.trustedCertificates = Array(try Data(contentsOf: URL(filePath: path))) } catch {
                throw SettingRefusal("outgoing.certificates", "names a file that cannot be read")
            }
        }
        return try OutboundHTTP(http)
    }
}
