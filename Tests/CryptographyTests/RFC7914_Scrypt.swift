@testable import Cryptography
import Testing

@Suite("RFC 7914 scrypt")
struct ScryptTests {
    @Test("§12: gives the published keys")
    func published() {
        let empty = Scrypt(salt: [], cost: 16, blockSize: 1, parallelism: 1)
        #expect(
            empty.derive([], length: 64)
                == hex(
                    """
                    77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442
                    fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906
                    """))
        let nacl = Scrypt(salt: Array("NaCl".utf8), cost: 1024, blockSize: 8, parallelism: 16)
        #expect(
            nacl.derive(Array("password".utf8), length: 64)
                == hex(
                    """
                    fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162
                    2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640
                    """))
    }

    @Test(
        "§12 and the examples of passlib's and Django's own tests verify",
        arguments: [
            (
                "password",
                "scrypt$1024$NaCl$8$16$"
                    + "/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/xCSedmDDaxyevuUqD7m2DYMvfoswGQA=="
            ),
            (
                "pleaseletmein",
                "scrypt$16384$SodiumChloride$8$1$"
                    + "cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw=="
            ),
            ("password", "$scrypt$ln=10,r=8,p=16$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWI"),
            ("pleaseletmein", "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofI"),
            ("test", "$scrypt$ln=8,r=8,p=1$wlhLyXmP8b53bm1NKYVQqg$mTpvG8lzuuDk+DWz8HZIB6Vum6erDuUm0As5yU+VxWA"),
            ("password", "$scrypt$ln=8,r=2,p=1$dO6d0xoDoLT2PofQGoNQag$g/Wf2A0vhHhaJM+addK61QPBthSmYB6uVTtQzh8CM3o"),
            ("nacl", "$scrypt$ln=1,r=4,p=2$yhnD+J+Tci4lZCwFgHCuVQ$fAsEWmxSHuC0cHKMwKVFPzrQukgvK09Sj+NueTSxKds"),
            (
                "lètmein",
                "scrypt$16384$seasalt$8$1$"
                    + "Qj3+9PPyRjSJIebHnG81TMjsqtaIGxNQG/aEB/NYafTJ7tibgfYz71m0ldQESkXFRkdVCBhhY8mx7rQwite/Pw=="
            ),
        ])
    func examples(password: String, text: String) {
        #expect(StoredPassword.scheme(of: text) == .scrypt)
        #expect(StoredPassword.verify(password: Array(password.utf8), against: text))
        #expect(!StoredPassword.verify(password: Array((password + "z").utf8), against: text))
    }

    @Test(
        "what is accepted at the bounds is computed",
        arguments: [
            "scrypt$2048$seasalt$32$32$"
                + "U82o8lpvsWyWNCOPcjwQ8xAfxaH0FOF3pZStCdkuJn0sfKcAbnHl2dlFNyIZHtOHXqkTxQiN7JzqVyNzGpyYbw==",
            "scrypt$2$seasalt$32$32$"
                + "pcf/JofVmx/0M4mGy3FNe0E51QvyZbvbASz+Kn1gO/Utai5uoh83V/STlN9cGvTAtptwH6dfpfM37AdCmt+UWA==",
            "scrypt$32768$seasalt$1$1$"
                + "2Mu/gDcoRuAxSHCwJiW0+uluScjghC8+ykY9+PjbQHB0zzVcqpWE66CvF7dtymw9Y3b91fzMJ35U9FBjQynVUA==",
        ])
    func bounds(text: String) {
        #expect(StoredPassword.scheme(of: text) == .scrypt)
        #expect(StoredPassword.verify(password: StoredPasswordSample.password, against: text))
    }

    @Test(
        "memory of 256 MiB is accepted, in either form",
        arguments: [
            StoredPasswordSample.passlibScrypt.replacing("ln=4,r=1,p=1", with: "ln=18,r=8,p=1"),
            StoredPasswordSample.djangoScrypt.replacing("$16$seasalt$1$1$", with: "$262144$seasalt$8$1$"),
        ])
    func mostMemory(text: String) {
        #expect(StoredPassword.scheme(of: text) == .scrypt)
    }

    @Test(
        "passlib's form: other costs, salts and lengths are refused before any work", .tags(.security),
        .timeLimit(.minutes(10)),
        arguments: [
            ("ln=4,", "ln=0,"), ("ln=4,", "ln=30,"), ("ln=4,", "ln=64,"), ("ln=4,", "ln=04,"), ("ln=4,", "ln=+4,"),
            ("ln=4,", "ln=-4,"), ("ln=4,", "ln=,"), ("ln=4,", "4,"), ("ln=4,", "LN=4,"), ("ln=4,", "ln=٤,"),
            ("ln=4,", ""), ("ln=4,", "ln=4,ln=4,"), ("ln=4,", "ln=99999999999999999999,"), ("ln=4,", "ln=4,,"),
            // N < 2^(16·r); N·r·p.
            ("ln=4,", "ln=16,"), ("ln=4,r=1,p=1", "ln=19,r=8,p=1"), ("ln=4,r=1,p=1", "ln=18,r=8,p=2"),
            ("ln=4,r=1,p=1", "ln=21,r=2,p=1"),
            ("r=1", "r=0"), ("r=1", "r=33"), ("r=1", "r=4294967297"), ("r=1", "r=01"), ("r=1", "r=-1"),
            ("p=1", "p=0"), ("p=1", "p=33"), ("p=1", "p=4294967297"), ("p=1", "p=1,x=1"), ("p=1", "p=١"),
            ("r=1,p=1", "p=1,r=1"), ("r=1,", ""),
            ("$MDEyMzQ1Njc4OWFiY2RlZg$", "$$"), ("MDEyMzQ1Njc4OWFiY2RlZg$", ""), ("Y2RlZg$", "Y2RlZg==$"),
            ("Y2RlZg$", "Y2RlZh$"), ("Y2RlZg$", "Y2RlZ$"), ("FvCJc", "FvCJd"), ("FvCJc", "FvCJ"),
            ("FvCJc", "FvCJc="), ("FvCJc", "FvCJcAAA"), ("FvCJc", ".vCJc"), ("FvCJc", "FvCJc$"),
            ("$scrypt$", "$Scrypt$"), ("$scrypt$", "scrypt$"),
        ])
    func refusesPasslib(part: String, replacement: String) {
        expectRefused(StoredPasswordSample.passlibScrypt.replacing(part, with: replacement))
    }

    @Test(
        "Django's form: other costs, salts and lengths are refused before any work", .tags(.security),
        .timeLimit(.minutes(10)),
        arguments: [
            ("$16$", "$1$"), ("$16$", "$0$"), ("$16$", "$15$"), ("$16$", "$17$"), ("$16$", "$24$"),
            ("$16$", "$1073741824$"), ("$16$", "$65536$"), ("$16$", "$9223372036854775808$"),
            ("$16$", "$99999999999999999999$"), ("$16$", "$016$"), ("$16$", "$+16$"), ("$16$", "$-16$"),
            ("$16$", "$$"), ("$16$", "$١٦$"), ("$16$", "$"),
            ("$16$seasalt$1$1$", "$524288$seasalt$8$1$"), ("$16$seasalt$1$1$", "$262144$seasalt$8$2$"),
            ("$1$1$", "$0$1$"), ("$1$1$", "$33$1$"), ("$1$1$", "$1$0$"), ("$1$1$", "$1$33$"), ("$1$1$", "$01$1$"),
            ("$1$1$", "$1$4294967297$"), ("$1$1$", "$1$"), ("$1$1$", "$1$1$1$"), ("$1$1$", "$$1$"),
            ("seasalt", ""), ("seasalt", "sea salt"), ("seasalt", "séasalt"), ("seasalt", "sea\0salt"),
            ("seasalt", String(repeating: "s", count: 65)), ("GxrA==", "GxrA"), ("GxrA==", "GxrA="),
            ("GxrA==", "GxrB=="), ("GxrA==", "GxrAAA=="), ("GxrA==", "GxrA==="), ("GxrA==", "Gx-A=="),
            ("scrypt$", "Scrypt$"),
        ])
    func refusesDjango(part: String, replacement: String) {
        expectRefused(StoredPasswordSample.djangoScrypt.replacing(part, with: replacement))
    }
}
