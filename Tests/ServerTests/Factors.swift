import Cryptography
import Directory
import Identity
import Storage
import TestSupport
import Wire

/// A person's second factors as they are used in tests: by Alice, who has a password and a phone.
enum FactorPath {
    static let overview = "/account/second-factor"
    static let app = "/account/second-factor/app"
    static let change = "/account/second-factor/change"
    static let passkeys = "/account/passkeys"
    static let add = "/account/passkeys/add"
    static let register = "/account/passkeys/register"
    static let rename = "/account/passkeys/rename"
    static let remove = "/account/passkeys/remove"
    static let pages = [overview, app, "\(change)?act=sms-on", passkeys, add]
    static let forms = [app, change, add, register, rename, remove]
}

extension Browser {
    /// Sets up an app with the password, and gives back its secret.
    func setUpApp(_ server: TestServer, _ changes: Changes = [:]) async throws -> (page: Visit, totp: TOTP) {
        let page = try await visit(FactorPath.app)
        let totp = try page.appSecret()
        let filling: Changes = [
            "appCode": totp.code(server), "currentPassword": Samples.password,
        ]
        let done = try await submit(
            try page.form(to: FactorPath.app), filling.merging(changes) { $1 }, pressing: "confirm")
        return (done, totp)
    }

    /// Does one of the acts that ask for nothing but the proof.
    func changeFactor(_ act: String, _ changes: Changes = [:]) async throws -> Visit {
        let page = try await visit("\(FactorPath.change)?act=\(act)")
        let filling: Changes = ["currentPassword": Samples.password]
        return try await submit(
            try page.form(to: FactorPath.change), filling.merging(changes) { $1 }, pressing: "confirm")
    }

    /// Proves with the password that a passkey may be added.
    func beginPasskey(_ changes: Changes = [:]) async throws -> Visit {
        let filling: Changes = ["currentPassword": Samples.password]
        return try await submit(
            try await visit(FactorPath.add).form(to: FactorPath.add), filling.merging(changes) { $1 },
            pressing: "confirm")
    }

    /// Adds a passkey.
    func addPasskey(_ authenticator: inout SoftAuthenticator, label: String = "Laptop") async throws -> Visit {
        let page = try await beginPasskey()
        let answer = try authenticator.create(try page.passkeyOptions(), at: Samples.acme.issuer)
        return try await submit(
            try page.form(to: FactorPath.register), ["credential": answer, "label": label])
    }
}

extension TOTP {
    /// The code that the app shows now.
    func code(_ server: TestServer, after steps: Int64 = 0) -> String {
        TOTP.code(secret, counter: TOTP.step(at: server.clock.now) + steps)
    }
}

extension Browser.Visit {
    /// What a person types from the page of an app into it.
    func appSecret() throws -> TOTP {
        guard let part = reply.text.split(separator: "secret=").dropFirst().first else {
            throw Browser.Missing("a secret in \(reply)")
        }
        return TOTP(secret: try Self.base32(String(part.prefix { $0.isLetter || $0.isNumber })))
    }

    /// What the page hands to the browser.
    func passkeyOptions() throws -> JSON {
        guard let part = reply.text.split(separator: "data-passkey-options=\"").dropFirst().first else {
            throw Browser.Missing("options in \(reply)")
        }
        let text = part.prefix { $0 != "\"" }.replacing("&quot;", with: "\"").replacing("&amp;", with: "&")
        return try JSON.parse(Array(text.utf8))
    }

    /// The recovery codes that the page shows.
    var recoveryCodes: [String] {
        guard let list = reply.text.split(separator: "<ul class=\"recovery-codes\"").dropFirst().first,
            let items = list.split(separator: "</ul>").first
        else { return [] }
        return items.split(separator: "<li>").dropFirst().map { String($0.prefix { $0 != "<" }) }
    }

    private static func base32(_ text: String) throws -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        var (bytes, group, bits): ([UInt8], Int, Int) = ([], 0, 0)
        for character in text {
            guard let value = alphabet.firstIndex(of: character) else { throw Browser.Missing("base32 in \(text)") }
            group = (group << 5 | value) & 0xFFF
            bits += 5
            guard bits >= 8 else { continue }
            bits -= 8
            bytes.append(UInt8(group >> bits & 0xFF))
        }
        return bytes
    }
}

extension TestServer {
    func factors(of user: User = Samples.alice) async throws -> SecondFactors {
        try await database.read { db in try db.secondFactors(ofUser: user.id) }
    }

    func app(of user: User = Samples.alice) async throws -> TOTPFactor? {
        try await database.read { db in try db.totpFactors(Samples.sealingKey).ofUser(user.id) }
    }

    func passkeys(of user: User = Samples.alice) async throws -> [Passkey] {
        try await database.read { db in try db.passkeys.ofUser(user.id) }
    }

    /// Takes Alice's password away, so that she proves with a code.
    func clearPassword(of user: User = Samples.alice) async throws {
        let now = clock.now
        try await change { db in
            guard let next = try db.credentials.ofUser(user.id)?.cleared(policy: PasswordPolicy(), now: now) else {
                return
            }
            _ = try db.credentials.put(next, ofUser: user.id)
        }
    }
}
