@testable import Cryptography
import Testing

@Suite("Stored passwords")
struct StoredPasswordTests {
    @Test(
        "each accepted form has its scheme, and only Argon2id is not to be replaced",
        arguments: StoredPasswordSample.all)
    func schemes(_ sample: StoredPasswordSample) {
        #expect(StoredPassword.scheme(of: sample.text) == sample.scheme)
        #expect(sample.scheme.isArgon2id == (sample.scheme == .argon2id))
    }

    @Test("the right password verifies and no other", .tags(.security), arguments: StoredPasswordSample.all)
    func verifies(_ sample: StoredPasswordSample) {
        #expect(StoredPassword.verify(password: StoredPasswordSample.password, against: sample.text))
        let others = ["correct hors", "correct horse ", "Correct horse", "correct horse\0", "\0", "c"]
        for other in others {
            #expect(
                !StoredPassword.verify(password: Array(other.utf8), against: sample.text), "\(other.debugDescription)")
        }
    }

    @Test("a hash with one character changed never verifies", .tags(.security), arguments: StoredPasswordSample.all)
    func altered(_ sample: StoredPasswordSample) {
        for index in sample.hash.indices {
            for replacement in ["A", ".", "w"] where String(sample.hash[index]) != replacement {
                let next = sample.hash.index(after: index)
                let hash = sample.hash.replacingCharacters(in: index..<next, with: replacement)
                #expect(
                    !StoredPassword.verify(password: StoredPasswordSample.password, against: sample.settings + hash),
                    "\(hash)")
            }
        }
    }

    @Test("a hash that lost its end never verifies", .tags(.security), arguments: StoredPasswordSample.all)
    func truncated(_ sample: StoredPasswordSample) {
        for count in 0..<sample.text.count {
            let text = String(sample.text.prefix(count))
            #expect(!StoredPassword.verify(password: StoredPasswordSample.password, against: text), "\(text)")
        }
    }

    @Test(
        "an accepted hash with anything before or behind it has no scheme", .tags(.security),
        arguments: StoredPasswordSample.all)
    func surrounded(_ sample: StoredPasswordSample) {
        let garbage = [
            " ", "\n", "\r\n", "\t", "\0", "$", "=", "AA", ":", "é", "\u{301}", "\u{feff}", "{SSHA}", "{CRYPT}{CRYPT}",
        ]
        for garbage in garbage {
            expectRefused(garbage + sample.text)
            expectRefused(sample.text + garbage)
        }
    }

    @Test(
        "text of no accepted form has no scheme", .tags(.security),
        arguments: [
            "", "$", "$$", "$$$$$$", "{", "{}", "{SSHA}", "{CRYPT}", "*", "*0", "*1", "!", "x", "correct horse",
            // Unsalted, or salted with little: digests, LDAP's plain forms, DES and MD5 of crypt(3).
            "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", "{MD5}X03MO1qnZdYdgyfeuILPmQ==",
            "{SMD5}OqsUXNHIhHbznxrqHoIM+ZT8DmE=", "{CLEARTEXT}correct horse", "5f4dcc3b5aa765d61d8327deb882cf99",
            "{CRYPT}rl.3StKT.4T8M", "rl.3StKT.4T8M", "_J9..rasmBYk8r9AiWNc", "$1$rasmusle$rISCgZzpwk3UhDidwXvin0",
            "{CRYPT}$1$rasmusle$rISCgZzpwk3UhDidwXvin0", "$3$$8846f7eaee8fb117ad06bdd830b7586c",
            // Other functions, and forms of crypt(3) behind the wrong sign.
            "$argon2i$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$rAjuexKlLdAHLvqk7TeeiWZjW4OPoRGwldJXdHbTuKI",
            "$y$j9T$AAt9R641xPvCI9nXw1HHW/$nvMTBoAMbv5OKBLcXGP4Kf4YMh9x8ZN3xhxK3MmVaC0",
            "$7$CU..../....saltstring$95Bg/RfV2QriLpMdLPHK9el0Ighm6E3CBqMKzZKgCa2",
            "{SSHA}$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
            "{CRYPT}{SSHA}awc/Cj0kafyFd5d8fGn07xoHBJJzYWx0c2FsdA==",
            "{CRYPT}pbkdf2_sha256$10$seasalt$XDHys9VSpcUQ/JYORcuek+9NZi0Klg1vhHc1q/ro4qw=",
            "bcrypt$$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
            String(repeating: "$", count: 100_000), "{SSHA}" + String(repeating: "A", count: 1_000_000),
        ])
    func unknown(text: String) {
        expectRefused(text)
    }

    @Test(
        "the empty password belongs to no hash, not even to its own", .tags(.security),
        arguments: [
            "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$ZYtxhQxeyNZlcvkwg8dwJk9qNxma2cHSPQx/9UORRWA",
            "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy",
            "pbkdf2_sha256$10$seasalt$WMlEk/RJy667y6qBgWtaO+e5qauWKUqT78v1M4jLNqc=",
            "{SSHA}LCq6zkvYuxn2cRPaFG27jMz4SRVzYWx0c2FsdA==",
        ])
    func empty(text: String) {
        #expect(StoredPassword.scheme(of: text) != nil)
        #expect(!StoredPassword.verify(password: [], against: text))
    }

    @Test(
        "a password with a NUL belongs to no hash of another system, not even to one of its own", .tags(.security),
        arguments: StoredPasswordSample.all, ["", "\0", "x"])
    func nul(sample: StoredPasswordSample, tail: String) {
        let password = StoredPasswordSample.password + [0] + Array(tail.utf8)
        #expect(!StoredPassword.verify(password: password, against: sample.text))
        // SHA-1 of "a", NUL, "b" and "salt", by hashlib.
        #expect(!StoredPassword.verify(password: Array("a\0b".utf8), against: "{SSHA}b9Rb3s/fJcLpwGY/2IgnzEs/vZdzYWx0"))
    }

    @Test("many threads verify at once, each its own hash")
    func concurrent() async {
        let results = await withTaskGroup(of: Bool.self, returning: [Bool].self) { group in
            for round in 0..<10 {
                for sample in StoredPasswordSample.all {
                    let isRight = round.isMultiple(of: 2)
                    let password = StoredPasswordSample.password + (isRight ? [] : [UInt8(ascii: "x")])
                    group.addTask { StoredPassword.verify(password: password, against: sample.text) == isRight }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results == .init(repeating: true, count: 10 * StoredPasswordSample.all.count))
    }
}

/// Holds that a text is not acceptable at import and verifies nothing.
func expectRefused(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
    let shown = text.prefix(120).debugDescription
    #expect(StoredPassword.scheme(of: text) == nil, "\(shown)", sourceLocation: sourceLocation)
    #expect(
        !StoredPassword.verify(password: StoredPasswordSample.password, against: text), "\(shown)",
        sourceLocation: sourceLocation)
}
