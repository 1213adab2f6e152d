import Cryptography
import Directory
import FoundationEssentials
import HummingbirdCore
import Identity
import Storage

/// A change of a person's second factors, in the transaction that proved it.
struct FactorChange {
    let environment: ServerEnvironment
    let person: SignedIn
    let call: Call

    /// What there is to show and to send when the transaction is through.
    struct Done: Sendable {
        /// New recovery codes, to be shown once; empty for none.
        var codes: [RecoveryCode] = []
        var notice: SMSDelivery?
    }

    private var userID: String { person.user.id }

    /// Puts an app in the place of the one before.
    func put(_ factor: TOTPFactor, in db: any Connection) throws -> Done {
        let factors = db.totpFactors(environment.keys.sealing)
        try factors.put(factor, ofUser: userID)
        return try added(.app, in: db)
    }

    /// Stores a new passkey.
    func add(_ passkey: Passkey, in db: any Connection) throws -> Done {
        try db.passkeys.insert(passkey)
        return try added(.passkey, in: db)
    }

    /// - Returns: nil when it was on.
    func turnOnSMS(in db: any Connection) throws -> Done? {
        guard try db.smsFactors.set(true, ofUser: userID, now: call.now) else { return nil }
        return try added(.sms, in: db)
    }

    /// - Returns: nil when it was off.
    func turnOffSMS(in db: any Connection) throws -> Done? {
        guard try db.smsFactors.set(false, ofUser: userID, now: call.now) else { return nil }
        return try removed(.sms, in: db)
    }

    /// - Returns: nil when there was no app.
    func removeApp(in db: any Connection) throws -> Done? {
        guard try db.totpFactors(environment.keys.sealing).remove(ofUser: userID) else { return nil }
        return try removed(.app, in: db)
    }

    /// - Returns: nil when the person has no such passkey.
    func remove(passkey id: String, in db: any Connection) throws -> Done? {
        guard try db.passkeys.remove(id, ofUser: userID) else { return nil }
        return try removed(.passkey, in: db)
    }

    /// Makes new recovery codes in place of those from before.
    /// - Returns: nil for somebody without a factor for which they could stand in.
    func makeCodes(in db: any Connection) throws -> Done? {
        guard try !db.secondFactors(ofUser: userID).isEmpty else { return nil }
        return try done(.recoveryCodesMade(userID: userID), codes: newCodes(in: db), in: db)
    }

    // MARK: - What all have in common

    /// The first factor brings recovery codes along.
    private func added(_ factor: FactorKind, in db: any Connection) throws -> Done {
        let needsCodes = try db.secondFactors(ofUser: userID).recoveryCodes == 0
        return try done(
            .factorAdded(userID: userID, factor: factor), codes: needsCodes ? newCodes(in: db) : [], in: db)
    }

    /// With the last factor go the codes that stood in for it.
    private func removed(_ factor: FactorKind, in db: any Connection) throws -> Done {
        if try db.secondFactors(ofUser: userID).isEmpty { try db.recoveryCodes.remove(ofUser: userID) }
        return try done(.factorRemoved(userID: userID, factor: factor), in: db)
    }

    private func newCodes(in db: any Connection) throws -> [RecoveryCode] {
        var random = SecureRandom()
        let codes = RecoveryCode.make(using: &random)
        let hashes = codes.map { $0.hash(userID: userID, key: environment.keys.recoveryCodes) }
        try db.recoveryCodes.replace(ofUser: userID, with: hashes)
        return codes
    }

    private func done(_ event: UserEvent, codes: [RecoveryCode] = [], in db: any Connection) throws -> Done {
        try db.events.insert(EventRecord(.user(event), by: .user(userID), in: call))
        return Done(codes: codes, notice: try db.notice(.factorChanged, to: userID, environment, call))
    }
}

extension ServerEnvironment {
    /// What follows a change: the person is told, and sees new recovery codes, this once, or the page they came from.
    /// - Parameters:
    ///   - address: Where the person goes on.
    ///   - notice: What that page says.
    func answer(_ done: FactorChange.Done, to person: SignedIn, address: String, notice: String, _ call: Call)
        -> Response
    {
        if let notice = done.notice { _ = sms.enqueue(notice) }
        guard !done.codes.isEmpty else { return .seeOther("\(address)?notice=\(notice)") }
        let language = pages.language(of: call)
        var fields: PageFields = [
            "atAccount": true, "recoveryCodes": done.codes.map { ["recoveryCode": $0.text] as PageFields },
            "onwardHref": address, "notice": pages.text(notice, language),
        ]
        fields.addPerson(person, self, call)
        return pages.render("account/recovery-codes", fields, in: pages.frame(of: call, at: address))
    }
}
