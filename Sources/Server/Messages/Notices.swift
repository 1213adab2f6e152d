import Directory
import FoundationEssentials
import Gateways
import Identity
import Storage

extension Connection {
    /// Enters a message that tells a user what was done to the account.
    /// - Returns: What is to be queued when the transaction is through; nil for a user without a phone, and when the quota
    ///   or the phone's day has no room: whoever can bring a notice about could run up the tenant's bill with it.
    func notice(
        _ purpose: SMSPurpose, to userID: String, _ environment: ServerEnvironment, _ call: Call
    ) throws -> SMSDelivery? {
        let key = environment.keys.sealing
        guard let user = try users(key).identified(userID, in: call.tenant.id), let phone = user.profile.phone else {
            return nil
        }
        let index = Users.index(of: phone, in: call.tenant.id, key: key)
        let history = try smsSends.history(phoneIndex: index, address: "", in: call.tenant.id, now: call.now)
        let today = try smsSends.notices(phoneIndex: index, in: call.tenant.id, after: call.now - SendHistory.day)
        guard call.policy.identity.sending.allowsNotice(history, sentInDay: today) else { return nil }
        let texts = MessageTexts(
            pages: environment.pages, language: environment.pages.language(of: call), tenant: call.tenant)
        let message = texts.notice(purpose, of: user, to: phone)
        let entry = LedgerEntry(
            purpose: purpose, userID: userID, phoneIndex: index, address: "", message: message, text: message.text)
        return try record(entry, history, call.policy, in: call.tenant, now: call.now)
    }
}
