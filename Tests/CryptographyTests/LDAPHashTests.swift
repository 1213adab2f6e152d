@testable import Cryptography
import Testing

@Suite("LDAP: salted digests (RFC 2307 §5.3, and its descendants)")
struct LDAPHashTests {
    @Test(
        "published examples verify: passlib's own tests, of OpenLDAP and other directories; pySSHA's manual",
        arguments: [
            ("testing123", "{SSHA}0c0blFTXXNuAMHECS4uxrj3ZieMoWImr"),
            ("secret", "{SSHA}0H+zTv8o4MR4H43n03eCsvw1luG8LdB7"),
            ("slapdsecret", "{SSHA}w5CJCwNQk44NjTYzcMZNKbE6Bu90viYp"),
            ("test", "{SSHA}P90+qijSp8MJ1tN25j5o1PflUvlqjXHOGeOckw=="),
            ("test", "{SSHA}/ZMF5KymNM+uEOjW+9STKlfCFj51bg3BmBNCiPHeW2ttbU0="),
            ("test", "{SSHA}Pfx6Vf48AT9x3FVv8znbo8WQkEVSipHSWovxXmvNWUvp/d/7"),
            ("password", "{SSHA256}x1tymSTVjozxQ2PtT46ysrzhZxbcskK0o2f8hEFx7fAQQmhtDSEkJA=="),
            ("letmèïn", "{SSHA256}km7UjUTBZN8a+gf1ND2/qn15N7LsO/jmGYJXvyTfJKAbI0RoLWWslQ=="),
            ("test", "{SSHA256}TFv2RpwyO0U9mA0Hk8FsXRa1I+4dNUtv27Qa8dzGVLinlDIm"),
            (
                "toomanysecrets",
                "{SSHA512}wExp4xjiCHS0zidJDC4UJq9EEeIebAQPJ1PWSwfhxWjfutI9XiiKuHm2AE41cEFf"
                    + "K+8HyI8bh+ztbczUGsvVFIgICWWPt7qu"
            ),
            (
                "test",
                "{SSHA512}Yg9DQ2wURCFGwobu7R2O6cq7nVbnGMPrFCX0aPQ9kj/y1hd6k9PEzkgWCB5aXdPw"
                    + "PzNrVb0PkiHiBnG1CxFiT+B8L8U="
            ),
        ])
    func published(password: String, text: String) {
        #expect(StoredPassword.scheme(of: text) == .saltedDigest)
        #expect(StoredPassword.verify(password: Array(password.utf8), against: text))
        #expect(!StoredPassword.verify(password: Array((password + "x").utf8), against: text))
    }

    @Test("the name of the scheme counts in either case", arguments: ["{ssha}", "{Ssha}", "{SSHA}"])
    func caseOfScheme(prefix: String) {
        let text = StoredPasswordSample.ssha.replacing("{SSHA}", with: prefix)
        #expect(StoredPassword.verify(password: StoredPasswordSample.password, against: text))
    }

    @Test("a salt has 4 to 64 bytes", .tags(.security))
    func salt() {
        let longest = String(repeating: "c3Nz", count: 21)
        for accepted in [
            "{SSHA}DUq/reys65dhxDsUSTbW8g+kV5hzc3Nz", "{SSHA}a+zdn4psD+CFpEEZPUfsa+5iSJhz\(longest)",
        ] {
            #expect(StoredPassword.verify(password: StoredPasswordSample.password, against: accepted))
        }
        expectRefused("{SSHA}fgpSuwi2N9qrdjBflouUWZVTgI5zc3M=")
        expectRefused("{SSHA}uSyCn3kpFdis7YoGvVUwr4DB3ONz\(longest)cw==")
    }

    @Test(
        "another scheme, no salt and malformed base64 are refused", .tags(.security),
        arguments: [
            ("{SSHA}", "{SHA}"), ("{SSHA}", "{SSHA1}"), ("{SSHA}", "{SSHA384}"), ("{SSHA}", "{SSHA256}"),
            ("{SSHA}", "{SSHA512}"), ("{SSHA}", "SSHA"), ("{SSHA}", "{SSHA"), ("{SSHA}", "{SSHA}}"),
            ("{SSHA}", "{ßHA}"), ("{SSHA}", "{ſSHA}"), ("{SSHA}", "{SSHA} "), ("{SSHA}", "$SSHA$"),
            ("BJJzYWx0c2FsdA==", "BJI="), ("dA==", "dA"), ("dA==", "dA="), ("dA==", "dB=="), ("dA==", "dA==="),
            ("dA==", "d==="), ("dA==", "dA==\n"), ("awc/", "awc_"), ("awc/", "aw=/"), ("awc/", "awc"),
            ("awc/", "awc/\n"), ("awc/", "aw\0/"), ("awc/", "aw٣/"),
        ])
    func refuses(part: String, replacement: String) {
        expectRefused(StoredPasswordSample.ssha.replacing(part, with: replacement))
    }
}
