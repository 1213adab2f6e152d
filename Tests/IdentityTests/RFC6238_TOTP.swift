import FoundationEssentials
import Identity
import Testing

@Suite("RFC 6238 TOTP, RFC 4226 HOTP")
struct RFC6238_TOTP {
    /// The secret of both appendices.
    static let secret = Array("12345678901234567890".utf8)
    static let totp = TOTP(secret: secret)

    @Test(
        "RFC 4226 appendix D",
        arguments: zip(
            0..<Int64(10),
            [
                "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489",
            ]))
    func counter(counter: Int64, code: String) {
        #expect(TOTP.code(Self.secret, counter: counter) == code)
    }

    @Test(
        "appendix B",
        arguments: [
            (59, "94287082"), (1_111_111_109, "07081804"), (1_111_111_111, "14050471"), (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"), (20_000_000_000, "65353130"),
        ])
    func time(seconds: TimeInterval, code: String) {
        let now = Date(timeIntervalSince1970: seconds)
        #expect(TOTP.code(Self.secret, counter: TOTP.step(at: now), digits: 8) == code)
        #expect(Self.totp.step(matching: String(code.suffix(6)), after: nil, now: now) == TOTP.step(at: now))
    }

    /// Step 100 is from 3,000 to 3,029 seconds.
    static let now = Date(timeIntervalSince1970: 3_000)

    private func typed(_ step: Int64) -> String { TOTP.code(Self.secret, counter: step) }

    @Test(
        "a code is good for its step and the ones beside it", .tags(.security),
        arguments: 96...104 as ClosedRange<Int64>)
    func drift(step: Int64) {
        let matched = Self.totp.step(matching: typed(step), after: nil, now: Self.now)
        #expect(matched == ((99...101).contains(step) ? step : nil))
        #expect(Self.totp.step(matching: typed(step), after: nil, now: Self.now + 29) == matched)
    }

    @Test("a step that was used, and every one before it, never fits again", .tags(.security))
    func used() {
        for (last, steps) in [(98, [99, 100, 101]), (99, [100, 101]), (100, [101]), (101, [])] as [(Int64, [Int64])] {
            let matched = (99...101).compactMap { Self.totp.step(matching: typed($0), after: last, now: Self.now) }
            #expect(matched == steps)
        }
        let factor = TOTPFactor(totp: Self.totp, confirmedAt: Self.now, lastStep: 100)
        #expect(factor.step(matching: typed(100), now: Self.now) == nil)
        #expect(factor.step(matching: typed(101), now: Self.now) == 101)
    }

    @Test("codes are read as people type them, and nothing else is one", .tags(.security))
    func typing() {
        let code = typed(100)
        let wide = String(
            String.UnicodeScalarView(code.unicodeScalars.compactMap { Unicode.Scalar($0.value + 0xfee0) }))
        for text in [code, " \(code.prefix(3)) \(code.suffix(3)) ", wide] {
            #expect(Self.totp.step(matching: text, after: nil, now: Self.now) == 100)
        }
        for text in [
            "", "0\(code)", String(code.dropFirst()), "\(code)0", "abcdef", String(repeating: "1", count: 200),
        ] {
            #expect(Self.totp.step(matching: text, after: nil, now: Self.now) == nil)
        }
        #expect(TOTP(secret: [1]).step(matching: code, after: nil, now: Self.now) == nil)
    }

    @Test("an app is told everything by its address")
    func address() {
        #expect(Self.totp.secretText == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
        #expect(
            Self.totp.uri(issuer: "开天: A&B", account: "li.ming@x") == """
                otpauth://totp/%E5%BC%80%E5%A4%A9%20%20A%26B:li.ming%40x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
                &issuer=%E5%BC%80%E5%A4%A9%20%20A%26B&algorithm=SHA1&digits=6&period=30
                """)
    }

    @Test("a secret has 160 bits and does not print", .tags(.security))
    func secret() {
        var random = SeededRandom(state: 1)
        let totp = TOTP(using: &random)
        #expect(totp.secret.count == 20)
        #expect("\(totp) \(TOTPFactor(totp: totp, confirmedAt: Self.now, lastStep: nil))".contains("•••"))
        #expect(!"\(TOTPFactor(totp: totp, confirmedAt: Self.now, lastStep: nil))".contains("secret"))
    }
}

@Suite("Recovery codes")
struct RecoveryCodeTests {
    @Test("ten different ones, in two groups, without letters that look like digits")
    func made() {
        var random = SeededRandom(state: 1)
        let codes = RecoveryCode.make(using: &random)
        #expect(codes.count == 10 && Set(codes.map(\.text)).count == 10)
        for code in codes {
            #expect(code.text.utf8.count == 11 && code.text.split(separator: "-").map(\.count) == [5, 5])
            #expect(code.text.allSatisfy { "0123456789ABCDEFGHJKMNPQRSTVWXYZ-".contains($0) })
            #expect("\(code)" == "•••")
        }
    }

    static let hash = RecoveryCode.hash("ABCDE-01234", userID: "u-1", key: Sample.key)

    @Test(
        "however it is typed, it is the same code",
        arguments: ["abcde-01234", "ABCDE01234", " abcde 01234 ", "ABCDE–O1234", "abcdeo i 234", "abcde0l234"])
    func typed(text: String) {
        #expect(RecoveryCode.hash(text, userID: "u-1", key: Sample.key) == Self.hash)
        #expect(Self.hash?.utf8.count == 43)
    }

    @Test("of another person, under another key, or another code is another hash", .tags(.security))
    func other() {
        #expect(RecoveryCode.hash("ABCDE-01234", userID: "u-2", key: Sample.key) != Self.hash)
        #expect(RecoveryCode.hash("ABCDE-01235", userID: "u-1", key: Sample.key) != Self.hash)
        #expect(RecoveryCode.hash("ABCDE-01234", userID: "u-1", key: [UInt8](repeating: 8, count: 32)) != Self.hash)
    }

    @Test(
        "what can be no code is none",
        arguments: ["", "ABCDE-0123", "ABCDE-012345", "ABCDE-0123U", "ABCDE-0123é", String(repeating: "A", count: 200)])
    func none(text: String) {
        #expect(RecoveryCode.hash(text, userID: "u-1", key: Sample.key) == nil)
    }
}
