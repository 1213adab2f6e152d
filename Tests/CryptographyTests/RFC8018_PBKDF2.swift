@testable import Cryptography
import Testing

@Suite("RFC 8018 §5.2 PBKDF2")
struct PBKDF2Tests {
    @Test(
        "RFC 6070: gives the published keys",
        arguments: [
            ("password", "salt", 1, "0c60c80f961f0e71f3a9b524af6012062fe037a6"),
            ("password", "salt", 2, "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957"),
            ("password", "salt", 4096, "4b007901b765489abead49d926f721d065a429c1"),
            (
                "passwordPASSWORDpassword", "saltSALTsaltSALTsaltSALTsaltSALTsalt", 4096,
                "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038"
            ),
            ("pass\0word", "sa\0lt", 4096, "56fa6aa75548099dcc37d7f03425e0c3"),
        ])
    func published(password: String, salt: String, iterations: Int, key: String) {
        let derivation = PBKDF2(digest: .sha1, salt: Array(salt.utf8), iterations: iterations)
        #expect(derivation.derive(Array(password.utf8), length: key.count / 2) == hex(key))
    }

    @Test(
        "RFC 6070: its keys verify in both forms",
        arguments: [
            "$pbkdf2$1$c2FsdA$DGDID5YfDnHzqbUkr2ASBi/gN6Y", "pbkdf2_sha1$1$salt$DGDID5YfDnHzqbUkr2ASBi/gN6Y=",
            "$pbkdf2$2$c2FsdA$6mwBTcctb4zNHtkqzh1B8NjeiVc", "pbkdf2_sha1$2$salt$6mwBTcctb4zNHtkqzh1B8NjeiVc=",
            "$pbkdf2$4096$c2FsdA$SwB5AbdlSJq.rUnZJvch0GWkKcE", "pbkdf2_sha1$4096$salt$SwB5AbdlSJq+rUnZJvch0GWkKcE=",
        ])
    func encoded(text: String) {
        #expect(StoredPassword.scheme(of: text) == .pbkdf2)
        #expect(StoredPassword.verify(password: Array("password".utf8), against: text))
    }

    @Test(
        "the examples of passlib's and Django's own tests verify",
        arguments: [
            ("password", "$pbkdf2$1212$OB.dtnSEXZK8U5cgxU/GYQ$y5LKPOplRmok7CZp/aqVDVg8zGI"),
            (
                "password",
                "$pbkdf2-sha256$1212$4vjV83LKPjQzk31VI4E0Vw$hsYF68OiOUPdDZ1Fg.fJPeq1h/gXXY7acBp9/6c.tmQ"
            ),
            (
                "password",
                "$pbkdf2-sha512$1212$RHY0Fr3IDMSVO/RSZyb5ow$eNLfBK.eVozomMr.1gYa1"
                    + "7k9B7KIK25NOEshvhrSX.esqY3s.FvWZViXz4KoLlQI.BzY/YTNJOiKc5gBYFYGww"
            ),
            ("not a password", "pbkdf2_sha256$10000$kjVJaVz6qsnJ$5yPHw3rwJGECpUf70daLGhOrQ5+AMxIJdz1c3bqK1Rs="),
            ("not a password", "pbkdf2_sha1$10000$wz5B6WkasRoF$atJmJ1o+XfJxKq1+Nu1f1i57Z5I="),
            ("lètmein", "pbkdf2_sha256$120000$seasalt$fsgWMpOXin7ZAmi4j+7XjKCZ4JCvxJTGiwwDrawRqSc="),
            ("lètmein", "pbkdf2_sha256$870000$seasalt$wJSpLMQRQz0Dhj/pFpbyjMj71B2gUYp6HJS5AU+32Ac="),
        ])
    func examples(password: String, text: String) {
        #expect(StoredPassword.scheme(of: text) == .pbkdf2)
        #expect(StoredPassword.verify(password: Array(password.utf8), against: text))
        #expect(!StoredPassword.verify(password: Array((password + "z").utf8), against: text))
    }

    @Test(
        "a number of iterations that is none or too large is refused before any work", .tags(.security),
        .timeLimit(.minutes(10)), arguments: [StoredPasswordSample.passlibPBKDF2, .djangoPBKDF2],
        [
            "0", "2000001", "2147483648", "4294967306", "18446744073709551626", "99999999999999999999", "-10", "+10",
            "010", "1e1", "0xa", " 10", "10 ", "", "١٠", "１０", "10\0", "10,000", "10.0",
        ])
    func iterations(sample: StoredPasswordSample, number: String) {
        expectRefused(sample.replacing("$10$", with: "$\(number)$"))
    }

    @Test("2,000,000 iterations are accepted", arguments: [StoredPasswordSample.passlibPBKDF2, .djangoPBKDF2])
    func mostIterations(sample: StoredPasswordSample) {
        #expect(StoredPassword.scheme(of: sample.replacing("$10$", with: "$2000000$")) == .pbkdf2)
    }

    @Test(
        "another function, salt or length is refused", .tags(.security),
        arguments: [
            (.passlibPBKDF2, "pbkdf2-sha256", "pbkdf2-sha1"), (.passlibPBKDF2, "pbkdf2-sha256", "pbkdf2-sha512"),
            (.passlibPBKDF2, "pbkdf2-sha256", "pbkdf2"), (.passlibPBKDF2, "pbkdf2-sha256", "pbkdf2-md5"),
            (.passlibPBKDF2, "pbkdf2-sha256", "pbkdf2_sha256"), (.passlibPBKDF2, "pbkdf2-sha256", "PBKDF2-SHA256"),
            (.passlibPBKDF2, "$MDEyMzQ1Njc4OWFiY2RlZg$", "$$"), (.passlibPBKDF2, "MDEyMzQ1Njc4OWFiY2RlZg$", ""),
            (.passlibPBKDF2, "Y2RlZg$", "Y2RlZg==$"), (.passlibPBKDF2, "Y2RlZg$", "Y2RlZ$"),
            (.passlibPBKDF2, "Y2RlZg$", "Y2RlZh$"), (.passlibPBKDF2, "Y2RlZg$", "Y2Rl-_$"),
            (.passlibPBKDF2, "Y2RlZg$", "Y2Rl+/$"), (.passlibPBKDF2, "DbBc", "DbBd"), (.passlibPBKDF2, "DbBc", "DbB"),
            (.passlibPBKDF2, "DbBc", "DbBc="), (.passlibPBKDF2, "DbBc", "DbBcA"), (.passlibPBKDF2, "DbBc", "+bBc"),
            (.passlibPBKDF2, "DbBc", "DbBc$"),
            (.djangoPBKDF2, "pbkdf2_sha256", "pbkdf2_sha1"), (.djangoPBKDF2, "pbkdf2_sha256", "pbkdf2_sha512"),
            (.djangoPBKDF2, "pbkdf2_sha256", "pbkdf2"), (.djangoPBKDF2, "pbkdf2_sha256", "$pbkdf2_sha256"),
            (.djangoPBKDF2, "$seasalt$", "$$"), (.djangoPBKDF2, "seasalt$", ""), (.djangoPBKDF2, "seasalt", "sea salt"),
            (.djangoPBKDF2, "seasalt", "sea\0salt"), (.djangoPBKDF2, "seasalt", "séasalt"),
            (.djangoPBKDF2, "seasalt", "sea$salt"), (.djangoPBKDF2, "4qw=", "4qw"), (.djangoPBKDF2, "4qw=", "4qx="),
            (.djangoPBKDF2, "4qw=", "4q=="), (.djangoPBKDF2, "4qw=", "4qwA"), (.djangoPBKDF2, "4qw=", "4qw=="),
            (.djangoPBKDF2, "4qw=", ".qw="), (.djangoPBKDF2, "4qw=", "4qw=\n"),
        ] as [(StoredPasswordSample, String, String)])
    func refuses(sample: StoredPasswordSample, part: String, replacement: String) {
        expectRefused(sample.replacing(part, with: replacement))
    }

    @Test("a salt has at most 64 bytes", .tags(.security))
    func salt() {
        let encoded = String(repeating: "c3Nz", count: 21)
        #expect(
            StoredPassword.verify(
                password: StoredPasswordSample.password,
                against: "$pbkdf2-sha256$10$\(encoded)cw$ajFoIFrQiAut/NmBKEPu/HT55EpIJ6s2nXEMJv0UTf8"))
        expectRefused("$pbkdf2-sha256$10$\(encoded)c3M$gupv7c3eAumJFkLR.t6..8vkmHxIYbHhz21oJGho0qg")
        let plain = String(repeating: "s", count: 64)
        #expect(
            StoredPassword.verify(
                password: StoredPasswordSample.password,
                against: "pbkdf2_sha256$10$\(plain)$ajFoIFrQiAut/NmBKEPu/HT55EpIJ6s2nXEMJv0UTf8="))
        expectRefused("pbkdf2_sha256$10$\(plain)s$gupv7c3eAumJFkLR+t6++8vkmHxIYbHhz21oJGho0qg=")
    }
}
