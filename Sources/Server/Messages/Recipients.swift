import Directory
import Identity
import Storage

extension Connection {
    /// Who gets a code for signing in or for a forgotten password; the same statements for everybody.
    func recipient(
        at phone: PhoneNumber, for purpose: SMSPurpose, _ environment: ServerEnvironment, _ call: Call
    ) throws -> CodeSending.Recipient {
        let user = try users(environment.keys.sealing).withPhone(phone, in: call.tenant.id)
        let decoy = Throttle.decoyKey(tenantID: call.tenant.id, typed: phone.e164)
        let throttle = try throttles.peek(user.map { Throttle.key(ofUser: $0.id) } ?? decoy)
        let recipient = SMSChallenge.recipient(
            user, for: purpose, throttle: throttle, tenantID: call.tenant.id, policy: call.policy.identity,
            now: call.now)
        return CodeSending.Recipient(user: user, isServed: recipient != nil)
    }
}
