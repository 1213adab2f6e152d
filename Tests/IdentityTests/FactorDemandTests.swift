import Directory
import Identity
import Testing

@Suite("What has to be proved besides the first factor")
struct FactorDemandTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var own = SecondFactors()
        var isAdministrator = false
        var hasPhone = true
        var hasPassword = true
        var proved: [Factor] = [.password]
        var level = AuthenticationLevel.oneFactor
        var demand = SecondFactorPolicy.Demand.choice
        var methods: Set<SecondFactorPolicy.Method> = [.totp, .sms, .passkey]
        var expected: FactorDemand

        var decision: FactorDemand {
            var policy = SecondFactorPolicy()
            (policy.demand, policy.methods) = (demand, methods)
            let facts = FactorDemand.Facts(
                own: own, isAdministrator: isAdministrator, hasPhone: hasPhone, hasPassword: hasPassword)
            return FactorDemand.decide(facts, proved: proved, level: level, policy: policy)
        }
    }

    static let app = SecondFactors(hasApp: true, recoveryCodes: 10)

    static let byChoice: [Case] = [
        Case(testDescription: "nobody has to, where each person chooses", expected: .nothing),
        Case(
            testDescription: "an app is asked for after the password", own: app,
            expected: .one(of: [.totp, .recoveryCode])),
        Case(
            testDescription: "an app is asked for after a phone's code as well", own: app, proved: [.sms],
            expected: .one(of: [.totp, .recoveryCode])),
        Case(
            testDescription: "a passkey will do in its place",
            own: SecondFactors(hasApp: true, passkeys: 1), expected: .one(of: [.totp, .passkey])),
        Case(
            testDescription: "an app that was shown is enough", own: app, proved: [.password, .totp], expected: .nothing
        ),
        Case(
            testDescription: "so is a recovery code", own: app, proved: [.password, .recoveryCode], expected: .nothing),
        Case(
            testDescription: "an app that the tenant does not accept is not asked for", own: app,
            methods: [.sms, .passkey],
            expected: .nothing),
        Case(testDescription: "a passkey alone turns nothing on", own: SecondFactors(passkeys: 1), expected: .nothing),
        Case(testDescription: "a passkey is enough, app or not", own: app, proved: [.passkey], expected: .nothing),
        Case(
            testDescription: "codes to the phone, for who wants them", own: SecondFactors(hasSMS: true),
            expected: .one(of: [.sms])),
        Case(
            testDescription: "and after such a code, the password", own: SecondFactors(hasSMS: true), proved: [.sms],
            expected: .one(of: [.password])),
        Case(
            testDescription: "without a phone there is nothing to send them to", own: SecondFactors(hasSMS: true),
            hasPhone: false, expected: .nothing),
    ]

    static let byPolicy: [Case] = [
        Case(testDescription: "of everyone", demand: .everyone, expected: .one(of: [.sms])),
        Case(
            testDescription: "after a phone's code the password", proved: [.sms], demand: .everyone,
            expected: .one(of: [.password])),
        Case(
            testDescription: "of members not, where administrators have to", demand: .administrators, expected: .nothing
        ),
        Case(
            testDescription: "of administrators", isAdministrator: true, demand: .administrators,
            expected: .one(of: [.sms])),
        Case(
            testDescription: "a phone's code is not accepted: an app is set up", demand: .everyone, methods: [.totp],
            expected: .setUp),
        Case(
            testDescription: "no phone: an app is set up", hasPhone: false, demand: .everyone, expected: .setUp),
        Case(
            testDescription: "a passkey there is: it is asked for", own: SecondFactors(passkeys: 1), demand: .everyone,
            methods: [.totp, .passkey], expected: .one(of: [.passkey])),
        Case(
            testDescription: "nobody who has an app sets up another", own: app, demand: .everyone, methods: [.totp],
            expected: .one(of: [.totp, .recoveryCode])),
        Case(
            testDescription: "app and phone are both things that one has: the password is missing", own: app,
            proved: [.sms, .totp], demand: .everyone, expected: .one(of: [.password])),
        Case(
            testDescription: "two are enough", own: app, proved: [.password, .totp], demand: .everyone,
            expected: .nothing),
        Case(
            testDescription: "password and phone are two", proved: [.password, .sms], demand: .everyone,
            expected: .nothing),
        Case(
            testDescription: "a first sign-in by the phone's code goes on to the password", hasPassword: false,
            proved: [.sms], demand: .everyone, expected: .nothing),
        Case(
            testDescription: "unless the phone will not do the next time", hasPassword: false, proved: [.sms],
            demand: .everyone, methods: [.totp], expected: .setUp),
        Case(
            testDescription: "or the person has a passkey then", own: SecondFactors(passkeys: 1), hasPassword: false,
            proved: [.sms], demand: .everyone, methods: [.totp, .passkey], expected: .one(of: [.passkey])),
    ]

    static let byProtocol: [Case] = [
        Case(testDescription: "two factors", level: .twoFactors, expected: .one(of: [.sms])),
        Case(
            testDescription: "two factors are there", proved: [.password, .sms], level: .twoFactors, expected: .nothing),
        Case(
            testDescription: "nothing to show: an app is set up", hasPhone: false, level: .twoFactors, expected: .setUp),
        Case(
            testDescription: "nothing is accepted: what was shown has to do", level: .twoFactors, methods: [.passkey],
            expected: .nothing),
        Case(
            testDescription: "a passkey where phishing is to be resisted",
            own: SecondFactors(hasApp: true, passkeys: 1),
            level: .phishingResistant, expected: .one(of: [.passkey])),
        Case(
            testDescription: "even after two others", own: SecondFactors(passkeys: 1), proved: [.password, .sms],
            level: .phishingResistant, expected: .one(of: [.passkey])),
        Case(
            testDescription: "without one, as sure as it gets", level: .phishingResistant, expected: .one(of: [.sms])),
    ]

    @Test("what the person chose", .tags(.security), arguments: byChoice)
    func choice(_ example: Case) { #expect(example.decision == example.expected) }

    @Test("what the tenant demands", .tags(.security), arguments: byPolicy)
    func policy(_ example: Case) { #expect(example.decision == example.expected) }

    @Test("what the protocol asks for", .tags(.security), arguments: byProtocol)
    func protocols(_ example: Case) { #expect(example.decision == example.expected) }
}

@Suite("Authentication methods and context classes (RFC 8176, OpenID Connect Core §2)")
struct AuthenticationLevelTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var factors: [Factor]
        var amr: [AuthenticationMethod]
        var level: AuthenticationLevel
        var testDescription: String { factors.map(\.rawValue).joined(separator: "+") }
    }

    static let cases: [Case] = [
        Case(factors: [.password], amr: [.password], level: .oneFactor),
        Case(factors: [.sms], amr: [.sms, .oneTimeCode], level: .oneFactor),
        Case(factors: [.password, .totp], amr: [.password, .oneTimeCode, .multiple], level: .twoFactors),
        Case(factors: [.password, .recoveryCode], amr: [.password, .oneTimeCode, .multiple], level: .twoFactors),
        Case(factors: [.password, .sms], amr: [.password, .sms, .oneTimeCode, .multiple], level: .twoFactors),
        Case(factors: [.sms, .password], amr: [.sms, .oneTimeCode, .password, .multiple], level: .twoFactors),
        // Two things that one has are not two factors.
        Case(factors: [.sms, .totp], amr: [.sms, .oneTimeCode], level: .oneFactor),
        Case(factors: [.passkey], amr: [.key, .presence, .multiple], level: .phishingResistant),
        Case(factors: [.password, .passkey], amr: [.password, .key, .presence, .multiple], level: .phishingResistant),
    ]

    @Test(
        "each method once, in order, and that they are several kinds only where they are", .tags(.security),
        arguments: cases)
    func methods(_ example: Case) {
        #expect(example.factors.amr == example.amr)
        #expect(Sample.authentication(example.amr).level == example.level)
    }

    @Test("the class that is named is the first one asked for that was reached")
    func named() {
        let wishes: [AuthenticationLevel] = [.phishingResistant, .oneFactor, .twoFactors]
        #expect(wishes.named(for: .phishingResistant) == .phishingResistant)
        #expect(wishes.named(for: .twoFactors) == .oneFactor)
        #expect([AuthenticationLevel.twoFactors].named(for: .oneFactor) == .oneFactor)
        #expect([].named(for: .twoFactors) == .twoFactors)
    }

    @Test("a class is met only from its level on", .tags(.security), arguments: AuthenticationLevel.allCases)
    func requirement(_ level: AuthenticationLevel) {
        let requirement = AuthenticationRequirement(.any, level: level)
        for example in Self.cases {
            let authentication = Sample.authentication(example.amr)
            let isMet = requirement.isSatisfied(by: authentication, in: nil, now: Sample.now)
            #expect(isMet == (example.level >= level))
            #expect(requirement.isSatisfied(by: authentication, in: "i-1", now: Sample.now))
        }
    }
}
