import Cryptography
import Directory
import FoundationEssentials
import Testing

@Suite("Domains: proof and checks")
struct ClaimedDomainTests {
    static let token = "abcdefghijklmnopqrstuvwxyz234567"
    static let failure = DomainFailure.unproved(file: .missing, record: .missing)
    let added = Sample.now

    private func claim() -> ClaimedDomain {
        ClaimedDomain(DomainName(stored: "acme.example"), of: "t", token: Self.token, now: added)
    }

    @Test("says what to put where")
    func places() {
        let domain = claim()
        #expect(domain.fileURL == "https://acme.example/gatehouse-\(Self.token).txt")
        #expect(domain.recordName == "\(Self.token).acme.example")
        #expect(domain.recordTarget == "\(Self.token).gatehouse.acme.example")
        #expect(domain.state == .pending)
        #expect(domain.nextCheckAt == added)
    }

    @Test(
        "name servers that could not be asked take nothing from a verified domain, and prove nothing of another",
        .tags(.security), arguments: DomainFailure.FileFault.allCases)
    func unavailable(_ file: DomainFailure.FileFault) {
        let silent = DomainFailure.unproved(file: file, record: .unavailable)
        let verified = claim().checked(nil, now: added)
        let after = verified.checked(silent, now: added + 60)
        #expect(after.failure == nil)
        #expect(after.checkedAt == added + 60)
        #expect(after.nextCheckAt == added + 60 + 4 * 3_600)
        #expect(after.event(since: verified) == nil)
        #expect(claim().checked(silent, now: added).state == .failed(silent))
        // A proof that is known to be gone stays gone.
        let missing = verified.checked(Self.failure, now: added + 60)
        #expect(missing.checked(silent, now: added + 120).failure == Self.failure)
    }

    @Test("a token is a label of 32 letters and digits, and no two are alike", .tags(.security))
    func tokens() {
        var random = SecureRandom()
        let tokens = (0..<1_000).map { _ in ClaimedDomain.mintToken(using: &random) }
        #expect(Set(tokens).count == 1_000)
        let letters = Set("abcdefghijklmnopqrstuvwxyz234567")
        #expect(tokens.allSatisfy { $0.utf8.count == 32 && $0.allSatisfy(letters.contains) })
        // Every place is drawn from all 32: 1,000 draws miss one of them with a probability below 10⁻¹⁰.
        let seen = (0..<32).map { place in Set(tokens.map { $0.utf8.dropFirst(place).first }).count }
        #expect(seen.allSatisfy { $0 == 32 })
    }

    @Test("the file is the token, maybe with one line end", arguments: ["", "\n", "\r\n"])
    func file(_ end: String) {
        #expect(claim().isProof(file: Array((Self.token + end).utf8)))
    }

    @Test(
        "any other file is no proof", .tags(.security),
        arguments: [
            "", "\n", " \(token)", "\(token) ", "\(token)\n\n", "\n\(token)", "\(token)\r", "\(token)\(token)",
            "<html><body>\(token)</body></html>", "\u{FEFF}\(token)", "\(token)x", String(token.dropLast()),
            token.uppercased(), "bbcdefghijklmnopqrstuvwxyz234567", "gatehouse=\(token)", "\(token)\u{0}",
        ])
    func otherFile(_ text: String) {
        #expect(!claim().isProof(file: Array(text.utf8)))
    }

    @Test(
        "the record's target is compared without case and final dot",
        arguments: [
            "\(token).gatehouse.acme.example", "\(token).gatehouse.acme.example.",
            "\(token).Gatehouse.Acme.Example".uppercased(),
        ])
    func target(_ text: String) {
        #expect(claim().isProof(target: text))
    }

    @Test(
        "any other target is no proof", .tags(.security),
        arguments: [
            "", ".", "\(token).acme.example", "gatehouse.acme.example", "x\(token).gatehouse.acme.example",
            "\(token).gatehouse.globex.example", "\(token).gatehouse.acme.example.cdn.example",
            "\(token).gatehouse.acme.example..", "bbcdefghijklmnopqrstuvwxyz234567.gatehouse.acme.example",
        ])
    func otherTarget(_ text: String) {
        #expect(!claim().isProof(target: text))
    }

    /// Checks a claim whenever it is due, and never finds a proof.
    private func unproved() -> [ClaimedDomain] {
        var checks = [claim()]
        while let last = checks.last, let due = last.nextCheckAt { checks.append(last.checked(Self.failure, now: due)) }
        return Array(checks.dropFirst())
    }

    @Test("is checked at once, after 5 min, 15 min, 1 h, and then every 4 h, for a week")
    func schedule() {
        let minutes = unproved().compactMap(\.checkedAt).map { Int($0.timeIntervalSince(added)) / 60 }
        #expect(minutes == [0, 5, 20, 80] + (1...41).map { 80 + $0 * 240 })
        #expect(minutes.last == 9_920)
    }

    @Test("a check out of turn does not prolong the week")
    func outOfTurn() {
        let end = added + 7 * 86_400
        #expect(claim().checked(Self.failure, now: end - 4 * 3_600).nextCheckAt == end)
        #expect(claim().checked(Self.failure, now: end - 4 * 3_600 + 1).nextCheckAt == nil)
        #expect(claim().checked(Self.failure, now: end + 86_400).nextCheckAt == nil)
    }

    @Test("the log is told of the first failure, of another one, and of the last; not of each")
    func failures() {
        let checks = unproved()
        let events = zip(checks, [claim()] + checks).map { $0.event(since: $1) }
        let name = DomainName(stored: "acme.example")
        #expect(events.first == .failed(name, Self.failure))
        #expect(events.last == .failed(name, Self.failure))
        #expect(events.compactMap(\.self).count == 2)
        let other = DomainFailure.unproved(file: .missing, record: .different)
        #expect(checks[1].checked(other, now: added + 1).event(since: checks[1]) == .failed(name, other))
        #expect(checks[1].state == .failed(Self.failure))
    }

    @Test("a proof verifies, and what failed before is forgotten")
    func verified() {
        let failed = claim().checked(Self.failure, now: added)
        let verified = failed.checked(nil, now: added + 60)
        #expect(verified.state == .verified)
        #expect(verified.verifiedAt == added + 60)
        #expect(verified.failure == nil)
        #expect(verified.nextCheckAt == added + 60 + 7 * 86_400)
        #expect(verified.event(since: failed) == .verified(verified.name))
    }

    @Test("a verified domain stays so when its proof goes, and the log is told once", .tags(.security))
    func proofGone() {
        let verified = claim().checked(nil, now: added)
        let gone = verified.checked(Self.failure, now: added + 604_800)
        #expect(gone.state == .verified)
        #expect(gone.verifiedAt == added)
        #expect(gone.failure == Self.failure)
        #expect(gone.nextCheckAt == added + 2 * 604_800)
        #expect(gone.event(since: verified) == .proofMissing(gone.name, Self.failure))
        #expect(gone.checked(Self.failure, now: added + 700_000).event(since: gone) == nil)
        let back = gone.checked(nil, now: added + 700_000)
        #expect(back.event(since: gone) == nil)
        #expect(back.verifiedAt == added && back.failure == nil)
    }

    static let everyFailure =
        DomainFailure.FileFault.allCases.flatMap { file in
            DomainFailure.RecordFault.allCases.map { DomainFailure.unproved(file: file, record: $0) }
        } + [.verifiedElsewhere]

    @Test("every failure survives as text", arguments: everyFailure)
    func stored(_ failure: DomainFailure) {
        #expect(DomainFailure(rawValue: failure.rawValue) == failure)
    }

    @Test(
        "no other text is a failure",
        arguments: [
            "", "missing", "file:missing", "file:missing cname:", "file:missing  cname:missing",
            "cname:missing file:missing", "file:missing cname:missing x", "file:forbidden cname:forbidden",
        ])
    func unreadable(_ text: String) {
        #expect(DomainFailure(rawValue: text) == nil)
    }
}
