import Cryptography
import Directory
import FoundationEssentials
import Gateways
import Identity
import Storage

/// A message as it enters the ledger.
struct LedgerEntry: Sendable, Concealed {
    var purpose: SMSPurpose
    var userID: String?
    var phoneIndex: String
    /// Empty for a message that no browser asked for.
    var address: String
    /// nil for a decoy.
    var message: SMSMessage?
    /// Of the message, or of the one that a decoy stands for.
    var text: String
}

extension LedgerEntry {
    /// A message that no browser asked for.
    init(_ message: SMSMessage, _ purpose: SMSPurpose, to phoneIndex: String, of userID: String?) {
        self.init(
            purpose: purpose, userID: userID, phoneIndex: phoneIndex, address: "", message: message, text: message.text)
    }
}

extension Connection {
    /// Writes a message into the ledger and watches the tenant's quota.
    ///
    /// - Parameter history: As read, and locked, in this transaction.
    /// - Returns: What is to be queued when the transaction is through.
    func record(
        _ entry: LedgerEntry, _ history: SendHistory, _ policy: TenantPolicy, in tenant: Tenant, now: Date
    ) throws -> SMSDelivery {
        var random = SecureRandom()
        let id = Identifier.make(using: &random)
        let segments = SMSSegments.count(of: entry.text)
        try smsSends.insert(
            SMSSends.Send(
                id: id, tenantID: tenant.id, purpose: entry.purpose, userID: entry.userID,
                phoneIndex: entry.phoneIndex, address: entry.address, segments: segments,
                isDecoy: entry.message == nil), now: now)
        let quota = entry.message == nil ? nil : SMSQuota(policy.identity.sending, history)
        let mark = quota?.mark(passedBy: segments)
        if let quota, let mark {
            let event = TenantEvent.smsQuotaPassed(mark, used: quota.used + segments, limit: quota.limit)
            try events.insert(EventRecord(.tenant(event), bySystemIn: tenant.id, now: now))
        }
        return SMSDelivery(
            id: id, tenantID: tenant.id, purpose: entry.purpose, settings: policy.sms, message: entry.message,
            quotaMark: mark)
    }
}

extension EventRecord {
    /// An event that nobody brought about by itself.
    init(_ event: Event, bySystemIn tenantID: String, now: Date) {
        var random = SecureRandom()
        self.init(
            id: Identifier.make(using: &random), tenantID: tenantID, actor: .system, address: nil, requestID: nil,
            event: event, now: now)
    }
}
