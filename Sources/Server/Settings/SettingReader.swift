import Cryptography
package import Directory
import FoundationEssentials
import Gateways
import Wire

/// A setting that is refused, in a sentence that names it and never repeats a text that may be secret.
package struct SettingRefusal: Error, Equatable, Sendable, CustomStringConvertible {
    package let key: String
    package let description: String

    package init(_ key: String, _ reason: String) {
        self.key = key
        description = "The setting \(key) \(reason)."
    }

    package init(_ key: String, _ problem: SettingProblem) {
        let bounds = SettingDefinition.named(key)?.bounds ?? "text"
        switch problem {
        case .malformed: self.init(key, "cannot be read; it holds \(bounds)")
        case .tooSmall: self.init(key, "is too small; it holds \(bounds)")
        case .tooLarge: self.init(key, "is too large; it holds \(bounds)")
        case .mayNotBeOff: self.init(key, "cannot be off; it holds \(bounds)")
        }
    }
}

/// Reads texts by the table of definitions.
struct SettingReader {
    let texts: [String: String]

    /// Refuses keys that no definition has: a misspelt setting must not be silently without effect.
    init(_ texts: [String: String]) throws(SettingRefusal) {
        for key in texts.keys.sorted() where SettingDefinition.named(key) == nil {
            throw SettingRefusal(key, "does not exist")
        }
        self.texts = texts
    }

    init(unchecked texts: [String: String]) {
        self.texts = texts
    }

    func text(_ key: String) -> String { texts[key] ?? SettingDefinition.named(key)?.standard ?? "" }

    func optionalText(_ key: String) -> String? {
        let text = text(key)
        return text.isEmpty ? nil : text
    }

    /// A text that must be there because another setting asks for it.
    func requiredText(_ key: String, for reason: String) throws(SettingRefusal) -> String {
        guard let text = optionalText(key) else { throw SettingRefusal(key, "is needed \(reason)") }
        return text
    }

    func choice(_ key: String) throws(SettingRefusal) -> String {
        guard case .choice(let words)? = SettingDefinition.named(key)?.form, words.contains(text(key)) else {
            throw SettingRefusal(key, .malformed)
        }
        return text(key)
    }

    func number(_ key: String) throws(SettingRefusal) -> Int {
        guard case .number(let range, _)? = SettingDefinition.named(key)?.form else { throw .init(key, .malformed) }
        do throws(SettingProblem) {
            guard let number = try WholeNumber.parse(text(key), within: range) else { throw .mayNotBeOff }
            return number
        } catch { throw SettingRefusal(key, error) }
    }

    func flag(_ key: String) throws(SettingRefusal) -> Bool {
        switch text(key) {
        case "on", "true": true
        case "off", "false": false
        default: throw SettingRefusal(key, .malformed)
        }
    }

    /// Seconds, or nil for `off`.
    func span(_ key: String) throws(SettingRefusal) -> TimeInterval? {
        guard case .span(let range, let mayBeOff)? = SettingDefinition.named(key)?.form else {
            throw SettingRefusal(key, .malformed)
        }
        do throws(SettingProblem) {
            let span = try Span.parse(text(key), within: range)
            guard span != nil || mayBeOff else { throw .mayNotBeOff }
            return span
        } catch { throw SettingRefusal(key, error) }
    }

    /// The span that was given, or another where none was.
    func span(_ key: String, or other: TimeInterval?) throws(SettingRefusal) -> TimeInterval? {
        texts[key] == nil ? other : try span(key)
    }

    func networks(_ key: String) throws(SettingRefusal) -> [IPNetwork] {
        var networks: [IPNetwork] = []
        for item in text(key).split(separator: ",") {
            guard let network = IPNetwork(item.filter { $0 != " " }) else { throw SettingRefusal(key, .malformed) }
            networks.append(network)
        }
        return networks
    }

    // MARK: - Groups of settings

    func database() throws(SettingRefusal) -> Settings.DatabaseSettings {
        guard let url = optionalText("database.url") else { return .embedded }
        guard url.hasPrefix("postgresql://") || url.hasPrefix("postgres://") else {
            throw SettingRefusal("database.url", "must begin with postgresql://")
        }
        return .postgresql(url: url, connections: try number("database.connections"))
    }

    func http() throws(SettingRefusal) -> Settings.HTTPSettings {
        let listener = Settings.Listener(host: text("http.host"), port: try number("http.port"))
        let proxies = try networks("http.trustedProxies")
        let tls = try tls()
        let isLoopback = listener.host == "localhost" || IPAddress(listener.host)?.isLoopback == true
        guard tls != nil || isLoopback || !proxies.isEmpty else {
            throw SettingRefusal(
                "http.host",
                "is not a loopback address: plain HTTP there needs http.trustedProxies, or set tls.certificate")
        }
        return Settings.HTTPSettings(
            listener: listener, trustedProxies: proxies, headerSize: try number("http.headerSize"),
            bodyLimits: BodyLimits(size: try number("http.bodySize"), time: try span("http.requestTime") ?? 10),
            idleTime: try span("http.idleTime") ?? 60, tls: tls)
    }

    func sharedAddress() throws(SettingRefusal) -> String? {
        guard let text = optionalText("http.sharedAddress") else { return nil }
        guard let issuer = try? Tenant.checkedIssuer(text), WebOrigin.of(issuer).isByteEqual(to: issuer) else {
            throw SettingRefusal("http.sharedAddress", "must be an https address without path, or http on loopback")
        }
        return issuer
    }

    private func tls() throws(SettingRefusal) -> (certificate: String, key: String)? {
        switch (optionalText("tls.certificate"), optionalText("tls.key")) {
        case (nil, nil): nil
        case (let certificate?, let key?): (certificate, key)
        case (nil, _): throw SettingRefusal("tls.certificate", "is needed beside tls.key")
        case (_, nil): throw SettingRefusal("tls.key", "is needed beside tls.certificate")
        }
    }

    func outgoing() throws(SettingRefusal) -> Settings.OutgoingSettings {
        Settings.OutgoingSettings(
            certificates: optionalText("outgoing.certificates"), allowsLoopback: try flag("outgoing.loopback"),
            allowsPrivateNetworks: try flag("outgoing.privateNetworks"), time: try span("outgoing.time") ?? 10,
            nameServers: try nameServers())
    }

    private func nameServers() throws(SettingRefusal) -> [NameServer] {
        let items = text("dns.servers").split(separator: ",")
        let servers = items.compactMap { item in NameServer(item.filter { $0 != " " }) }
        guard servers.count == items.count, servers.count <= NameServer.greatestCount else {
            throw SettingRefusal("dns.servers", "holds up to three IP addresses, each with a port where it is not 53")
        }
        return servers
    }

    func argon2() throws(SettingRefusal) -> Argon2id.Parameters {
        let memory = try number("argon2.memory")
        let lanes = try number("argon2.parallelism")
        guard memory >= 8 * lanes else {
            throw SettingRefusal("argon2.memory", "must be at least 8 KiB for each lane of argon2.parallelism")
        }
        return Argon2id.Parameters(
            memoryKiB: memory, iterations: try number("argon2.iterations"), parallelism: lanes)
    }
}
