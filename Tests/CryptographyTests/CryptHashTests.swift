@testable import Cryptography
import Testing

@Suite("crypt(3): bcrypt and SHA-crypt")
struct CryptHashTests {
    /// 72 bytes and some more.
    static let long = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

    @Test(
        "the vectors of Openwall's crypt_blowfish verify (wrapper.c)",
        arguments: [
            ("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", Array("U*U".utf8)),
            ("$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK", Array("U*U*".utf8)),
            ("$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a", Array("U*U*U".utf8)),
            (
                "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
                Array((long + "chars after 72 are ignored").utf8)
            ),
            ("$2y$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e", [0xff, 0xff, 0xa3]),
            ("$2b$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e", [0xff, 0xff, 0xa3]),
            ("$2a$05$/OK.fbVrR/bpIqNJ5ianF.nqd1wy.pTMdcvrRWxyiGL2eMz.2a85.", [0xff, 0xff, 0xa3]),
            ("$2y$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq", [0xa3]),
            ("$2a$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq", [0xa3]),
            ("$2b$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq", [0xa3]),
            ("$2a$05$/OK.fbVrR/bpIqNJ5ianF.swQOIzjOiJ9GHEPuhEkvqrUyvWhEMx6", .init(repeating: 0xaa, count: 72)),
        ] as [(String, [UInt8])])
    func openwall(text: String, password: [UInt8]) {
        #expect(StoredPassword.scheme(of: text) == .bcrypt)
        #expect(StoredPassword.verify(password: password, against: text))
        #expect(!StoredPassword.verify(password: [UInt8(ascii: "V")] + password.dropFirst(), against: text))
    }

    static let longText =
        "a very much longer text to encrypt.  This one even stretches over morethan one line."

    @Test(
        "the vectors of Drepper's SHA-crypt verify",
        arguments: [
            ("$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5", "Hello world!"),
            (
                "$5$rounds=10000$saltstringsaltst$"
                    + "3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA",
                "Hello world!"
            ),
            (
                "$5$rounds=5000$toolongsaltstrin$"
                    + "Un/5jzAHMgOGZ5.mWJpuVolil07guHPvOW8mGRcvxa5",
                "This is just a test"
            ),
            (
                "$5$rounds=1400$anotherlongsalts$"
                    + "Rx.j8H.h8HjEDGomFU8bDkXm3XIUnzyxf12oP84Bnq1",
                longText
            ),
            (
                "$5$rounds=77777$short$JiO1O3ZpDAxGJeaDIuqCoEFysAe1mZNJRs3pw0KQRd/",
                "we have a short salt string but not a short password"
            ),
            (
                "$5$rounds=123456$asaltof16chars..$"
                    + "gP3VQ/6X7UUEW3HkBn2w1/Ptq2jxPyzV/cZKmF/wJvD",
                "a short string"
            ),
            (
                "$5$rounds=1000$roundstoolow$"
                    + "yfvwcWrQ8l/K0DAWyuPMDNHpIVlTQebY9l/gL972bIC",
                "the minimum number is still observed"
            ),
            (
                "$6$saltstring$"
                    + "svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
                "Hello world!"
            ),
            (
                "$6$rounds=10000$saltstringsaltst$"
                    + "OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.",
                "Hello world!"
            ),
            (
                "$6$rounds=5000$toolongsaltstrin$"
                    + "lQ8jolhgVRVhY4b5pZKaysCLi0QBxGoNeKQzQ3glMhwllF7oGDZxUhx1yxdYcz/e1JSbq3y6JMxxl8audkUEm0",
                "This is just a test"
            ),
            (
                "$6$rounds=1400$anotherlongsalts$"
                    + "POfYwTEok97VWcjxIiSOjiykti.o/pQs.wPvMxQ6Fm7I6IoYN3CmLs66x9t0oSwbtEW7o7UmJEiDwGqd8p4ur1",
                longText
            ),
            (
                "$6$rounds=77777$short$"
                    + "WuQyW2YR.hBNpjjRhpYD/ifIw05xdfeEyQoMxIXbkvr0gge1a1x3yRULJ5CCaUeOxFmtlcGZelFl5CxtgfiAc0",
                "we have a short salt string but not a short password"
            ),
            (
                "$6$rounds=123456$asaltof16chars..$"
                    + "BtCwjqMJGx5hrJhZywWvt0RLE8uZ4oPwcelCjmw2kSYu.Ec6ycULevoBK25fs2xXgMNrCzIMVcgEJAstJeonj1",
                "a short string"
            ),
            (
                "$6$rounds=1000$roundstoolow$"
                    + "kUMsbe306n21p9R.FRkW3IGn.S9NPN0x50YhH1xhLsPuWGsUSklZt58jaTfF4ZEQpyUNGc0dqbpBYYBaHHrsX.",
                "the minimum number is still observed"
            ),
        ])
    func drepper(text: String, password: String) {
        #expect(StoredPassword.scheme(of: text) == .shaCrypt)
        #expect(StoredPassword.verify(password: Array(password.utf8), against: text))
        #expect(!StoredPassword.verify(password: Array((password + "x").utf8), against: text))
    }

    @Test("a password in UTF-8 verifies")
    func unicode() {
        let password = Array("正确的马".utf8)
        let bcrypt = "$2a$04$abcdefghijklmnopqrstuuJos6iSJYCCTkNY2TUgJvlkgdbdzGyCG"
        let shaCrypt =
            "$6$rounds=1000$s$"
            + "eOTno53pXvnUv1lw6PL9PxlOOwwqSRAeM77aBZI96B99fhTKruq9MOQHTgbS1rQpwNZW4TmIZ/9YKfQT1d162."
        #expect(StoredPassword.verify(password: password, against: bcrypt))
        #expect(StoredPassword.verify(password: password, against: shaCrypt))
    }

    @Test("bcrypt reads 72 bytes of a password and no more")
    func bcryptLength() {
        let text = "$2b$04$abcdefghijklmnopqrstuuBzzIgyKkz7xMWYSzkIjUSnxEQFQ0WNe"
        let verifies = [71, 72, 73, 511].map {
            StoredPassword.verify(password: .init(repeating: UInt8(ascii: "a"), count: $0), against: text)
        }
        #expect(verifies == [false, true, true, true])
    }

    @Test("a password of 511 bytes is read whole, a longer one refused")
    func longest() {
        let text = "$5$rounds=1000$saltstring$b8jfihVxUWloctpFOWlfPXwPsee33rIBjX3A.Bd.bVA"
        let verifies = [510, 511, 512, 100_000].map {
            StoredPassword.verify(password: .init(repeating: UInt8(ascii: "a"), count: $0), against: text)
        }
        #expect(verifies == [false, true, false, false])
    }

    @Test(
        "bcrypt of another version, cost or length is refused before any work", .tags(.security),
        .timeLimit(.minutes(10)),
        arguments: [
            ("$2b$", "$2$"), ("$2b$", "$2x$"), ("$2b$", "$2c$"), ("$2b$", "$2B$"), ("$2b$", "2b$"), ("$2b$", "$$2b$"),
            ("$04$", "$03$"), ("$04$", "$00$"), ("$04$", "$15$"), ("$04$", "$31$"), ("$04$", "$99$"), ("$04$", "$4$"),
            ("$04$", "$004$"), ("$04$", "$+4$"), ("$04$", "$ 4$"), ("$04$", "$٠٤$"), ("$04$", "$０４$"), ("$04$", "$$"),
            ("$04$", "$-4$"), ("$04$", "$0x4$"), ("$04$", "$4294967300$"),
            // A second spelling of the salt and of the hash; other alphabets.
            ("stuuj", "stuvj"), ("Qc6e", "Qc6f"), ("abc", "ab+"), ("abc", "ab="), ("abc", "ab\0"), ("abc", "ab:"),
            ("abc", "abé"), ("abc", "ab"), ("abc", "abcc"), ("Qc6e", "Qc6"), ("Qc6e", "Qc6e."), ("Qc6e", "$Qc6e"),
            ("Qc6e", "Qc6e\0"), ("abcdefghijklmnopqrstuu", ""),
        ])
    func refusesBcrypt(part: String, replacement: String) {
        expectRefused(StoredPasswordSample.bcrypt.replacing(part, with: replacement))
        expectRefused("{CRYPT}" + StoredPasswordSample.bcrypt.replacing(part, with: replacement))
    }

    @Test("bcrypt is accepted at cost 14")
    func mostCost() {
        #expect(StoredPassword.scheme(of: StoredPasswordSample.bcrypt.replacing("$04$", with: "$14$")) == .bcrypt)
    }

    @Test(
        "SHA-crypt of another version, cost, salt or length is refused before any work", .tags(.security),
        .timeLimit(.minutes(10)), arguments: [StoredPasswordSample.shaCrypt256, .shaCrypt512],
        [
            ("$rounds=1000$", "$rounds=999$"), ("$rounds=1000$", "$rounds=1000001$"),
            ("$rounds=1000$", "$rounds=999999999$"), ("$rounds=1000$", "$rounds=4294968296$"),
            ("$rounds=1000$", "$rounds=99999999999999999999$"), ("$rounds=1000$", "$rounds=01000$"),
            ("$rounds=1000$", "$rounds=+1000$"), ("$rounds=1000$", "$rounds=-1000$"), ("$rounds=1000$", "$rounds=$"),
            ("$rounds=1000$", "$rounds=1e3$"), ("$rounds=1000$", "$rounds=١٠٠٠$"), ("$rounds=1000$", "$rounds=1000"),
            ("$rounds=1000$", "$Rounds=1000$"), ("$rounds=1000$", "$1000$"), ("$rounds=1000$", "$$"),
            ("$rounds=1000$", "$rounds=1000$$"), ("$rounds=1000$", "rounds=1000$"),
            ("$saltstring$", "$$"), ("$saltstring$", "$saltstringsaltstr$"), ("$saltstring$", "$salt string$"),
            ("$saltstring$", "$salt+string$"), ("$saltstring$", "$sält$"), ("$saltstring$", "$salt\0$"),
            ("$saltstring$", "$salt:$"), ("$saltstring$", "$"), ("$saltstring$", "$salt\n$"),
        ])
    func refusesSHACrypt(sample: StoredPasswordSample, change: (part: String, replacement: String)) {
        expectRefused(sample.replacing(change.part, with: change.replacement))
    }

    @Test(
        "a SHA-crypt hash has one spelling", .tags(.security),
        arguments: [
            StoredPasswordSample.shaCrypt256.replacing("KgCa2", with: "KgCaE"),
            StoredPasswordSample.shaCrypt256.replacing("KgCa2", with: "KgCa"),
            StoredPasswordSample.shaCrypt256.replacing("KgCa2", with: "KgCa2."),
            StoredPasswordSample.shaCrypt256.replacing("KgCa2", with: "KgC+2"),
            StoredPasswordSample.shaCrypt256.replacing("$5$", with: "$6$"),
            StoredPasswordSample.shaCrypt256.replacing("$5$", with: "$05$"),
            StoredPasswordSample.shaCrypt512.replacing("B9js.", with: "B9js2"),
            StoredPasswordSample.shaCrypt512.replacing("B9js.", with: "B9js"),
            StoredPasswordSample.shaCrypt512.replacing("B9js.", with: "B9js.."),
            StoredPasswordSample.shaCrypt512.replacing("$6$", with: "$5$"),
        ])
    func spelling(text: String) {
        expectRefused(text)
    }

    @Test("SHA-crypt is accepted at 1,000,000 rounds and with 16 characters of salt")
    func mostRounds() {
        let text = StoredPasswordSample.shaCrypt256.replacing("$rounds=1000$", with: "$rounds=1000000$saltsa")
        #expect(StoredPassword.scheme(of: text) == .shaCrypt)
    }
}
