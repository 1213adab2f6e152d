import CAS
import Cryptography
import FoundationEssentials
import Testing

@Suite("CAS 3.0 §3.1.1 service ticket properties")
struct ServiceTicketTests {
    struct Attempt: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var service = "https://wiki.example/cas"
        var requiresNewLogin = false
        var proxyCallback: String?
        var isInForce = true
        var after: TimeInterval = 1
        var change: @Sendable (inout ServiceTicket) -> Void = { _ in }
        var code: CASError.Code?

        var outcome: ServiceTicket.Validation {
            get throws {
                var request = try #require(try validation("service=a&ticket=ST-1"))
                request.service = service
                request.requiresNewLogin = requiresNewLogin
                request.proxyCallback = proxyCallback
                return ticket(change).validate(request, isInForce: isInForce, now: issued + after)
            }
        }
    }

    @Test(
        "validates",
        arguments: [
            Attempt(testDescription: "at once", after: 0),
            Attempt(testDescription: "in the last second", after: 179),
            Attempt(testDescription: "with renew after a new login", requiresNewLogin: true),
            Attempt(testDescription: "without renew from a session") { $0.isFromNewLogin = false },
            Attempt(testDescription: "late when tickets do not expire", after: 1e9) { $0.expiresAt = nil },
        ])
    func validates(_ attempt: Attempt) throws {
        #expect(try attempt.outcome == .success)
    }

    @Test(
        "fails", .tags(.security),
        arguments: [
            Attempt(testDescription: "the second time", change: { $0.isTaken = true }, code: .invalidTicket),
            Attempt(testDescription: "at the second it expires", after: 180, code: .invalidTicket),
            Attempt(testDescription: "after the session ended", isInForce: false, code: .invalidTicket),
            Attempt(testDescription: "at another service", service: "https://wiki.example/cas/", code: .invalidService),
            Attempt(testDescription: "at no service", service: "", code: .invalidService),
            Attempt(
                testDescription: "with renew from a session", requiresNewLogin: true,
                change: { $0.isFromNewLogin = false }, code: .invalidTicket),
            Attempt(
                testDescription: "with a proxy callback, as nobody may proxy",
                proxyCallback: "https://wiki.example/pgt",
                code: .unauthorizedServiceProxy),
            Attempt(
                testDescription: "with a proxy callback that is not https (§2.5.4)",
                proxyCallback: "http://wiki.example/pgt", code: .invalidProxyCallback),
        ])
    func fails(_ attempt: Attempt) throws {
        guard case .failure(let error) = try attempt.outcome else {
            Issue.record("validated")
            return
        }
        #expect(error.code == attempt.code)
    }

    @Test("does not tell a stranger's service apart from an expired ticket", .tags(.security))
    func order() throws {
        let attempt = Attempt(testDescription: "", service: "https://evil.example/", after: 180)
        let expired = Attempt(testDescription: "", after: 180)
        #expect(try attempt.outcome == expired.outcome)
    }
}

@Suite("CAS 3.0 §3.7 ticket character set")
struct TicketCharacterSetTests {
    @Test(
        "a ticket begins with ST-, then letters and digits only, and fits what services must accept", .tags(.security))
    func characters() {
        var random = SeededRandom()
        for _ in 0..<500 {
            let text = ServiceTicketText(using: &random).text
            #expect(text.hasPrefix("ST-"))
            #expect((35...256).contains(text.utf8.count))
            #expect(text.dropFirst(3).allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) })
        }
    }

    @Test("every letter and digit is about equally likely", .tags(.security))
    func distribution() {
        var random = SeededRandom()
        var counts: [Character: Int] = [:]
        for _ in 0..<2_000 {
            for character in ServiceTicketText(using: &random).text.dropFirst(3) { counts[character, default: 0] += 1 }
        }
        // 80,000 characters over 62: 1,290 each, give or take six standard deviations.
        #expect(counts.count == 62)
        #expect(counts.values.allSatisfy { (1_075...1_505).contains($0) })
    }

    @Test("is found again by the hash of its text and does not print itself", .tags(.security))
    func hash() {
        var random = SeededRandom()
        let ticket = ServiceTicketText(using: &random)
        #expect(ticket.hash == OpaqueToken.hash(of: ticket.text))
        #expect("\(ticket)" == "•••")
        #expect(String(reflecting: ticket) == "•••")
        #expect(ticket != ServiceTicketText(using: &random))
    }
}
