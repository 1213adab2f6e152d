import Cryptography
import Directory
package import FoundationEssentials
import Wire

/// The codes of an authenticator app: one for every 30 seconds (RFC 6238 with SHA-1 and six digits, which is what the
/// widespread apps can do). Prints as `•••`.
///
/// ```swift
/// let totp = TOTP(using: &random)
/// totp.uri(issuer: "Acme", account: "li.ming")       // what the QR code says
/// totp.step(matching: "123456", after: nil, now: now)
/// ```
package struct TOTP: Equatable, Sendable, Concealed {
    /// Bytes of a new secret: as many as SHA-1 gives (RFC 4226 §4 R6 recommends 160 bits).
    package static let secretLength = 20
    /// Seconds for which a code is shown.
    package static let period: Int64 = 30
    /// Steps before and after the present one that are accepted too: phones' clocks drift, and people type slowly
    /// (RFC 6238 §5.2 recommends one).
    package static let drift: Int64 = 1

    /// Shared with the app; to be sealed, and to be shown only while it is set up.
    package let secret: [UInt8]

    /// Takes a stored secret.
    package init(secret: [UInt8]) {
        self.secret = secret
    }

    /// A new secret.
    package init(using random: inout some RandomNumberGenerator) {
        secret = random.bytes(Self.secretLength)
    }

    /// The secret as a person types it into an app that cannot read the QR code: base32.
    package var secretText: String { Base32.encode(secret) }

    /// What apps read from a QR code. Parameters that are the apps' defaults are written out all the same, for those
    /// that have others.
    /// - Parameters:
    ///   - issuer: The tenant's name.
    ///   - account: The person's username.
    package func uri(issuer: String, account: String) -> String {
        // A colon would end the issuer in the label.
        let issuer = PercentEncoding.encode(issuer.replacing(":", with: " "))
        let account = PercentEncoding.encode(account)
        return "otpauth://totp/\(issuer):\(account)?secret=\(secretText)&issuer=\(issuer)"
            + "&algorithm=SHA1&digits=6&period=\(Self.period)"
    }

    /// The step to which a typed code belongs.
    ///
    /// Every step is computed, so the time taken tells nothing about which one fits.
    /// - Parameters:
    ///   - code: As it was typed: full-width digits and spaces are understood.
    ///   - lastStep: The latest step that was used; it and those before it never fit again (RFC 6238 §5.2).
    /// - Returns: The step, to be written as used in the transaction that acts; nil when the code is wrong.
    package func step(matching code: String, after lastStep: Int64?, now: Date) -> Int64? {
        guard let typed = SMSCode(typed: code) else { return nil }
        let present = Self.step(at: now)
        var matching: Int64?
        for step in present - Self.drift...present + Self.drift {
            let fits = ConstantTime.equal(Self.code(secret, counter: step), typed.text)
            if fits, step > lastStep ?? .min { matching = matching ?? step }
        }
        return matching
    }

    /// The number of the step in which `now` lies.
    package static func step(at now: Date) -> Int64 {
        Int64((now.timeIntervalSince1970 / Double(period)).rounded(.down))
    }

    /// The code of a counter (RFC 4226 §5.3).
    /// - Parameter digits: 1 to 9.
    package static func code(_ secret: [UInt8], counter: Int64, digits: Int = 6) -> String {
        let message = (0..<8).map { UInt8(truncatingIfNeeded: counter >> (56 - 8 * Int64($0))) }
        let mac = HMACSHA1.authenticate(message, key: secret)
        let offset = Int(mac[19] & 0x0F)
        var value = mac[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        var output = [UInt8](repeating: UInt8(ascii: "0"), count: digits)
        for index in output.indices.reversed() {
            output[index] += UInt8(value % 10)
            value /= 10
        }
        return String(decoding: output, as: UTF8.self)
    }
}

/// A person's authenticator app, once its first code has shown that it has the secret.
package struct TOTPFactor: Equatable, Sendable {
    package var totp: TOTP
    /// Whole seconds.
    package var confirmedAt: Date
    /// The latest step of which a code was used; nil for none.
    package var lastStep: Int64?

    package init(totp: TOTP, confirmedAt: Date, lastStep: Int64?) {
        self.totp = totp
        self.confirmedAt = confirmedAt
        self.lastStep = lastStep
    }

    /// The step of a typed code that was not used yet; see ``TOTP/step(matching:after:now:)``.
    package func step(matching code: String, now: Date) -> Int64? {
        totp.step(matching: code, after: lastStep, now: now)
    }
}
