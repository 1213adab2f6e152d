import Directory
import Testing

@Suite("Usernames, e-mail addresses, names and codes")
struct IdentifierTests {
    @Test("a username is kept as written and compared without ASCII case")
    func username() throws {
        let name = try Username(" Li.Ming_01-a ")
        #expect(name.text == "Li.Ming_01-a")
        #expect(name.key == "li.ming_01-a")
        #expect(try Username("李明").key == "李明")
        #expect(try Username("ｌｉｍｉｎｇ").text == "liming")
    }

    @Test(
        "a username that could be read as another one is refused", .tags(.security),
        arguments: [
            "", " ", "li ming", "li@acme", "lí", "li\u{301}", "аdmin", "admın", "a/b", "a\\b", "a:b", "<b>", "a\nb",
            "a\u{0}",
            "a;b", "a%41", "😀", "ﬁ", "İ", String(repeating: "a", count: 65),
        ].map(Shown.init))
    func badUsername(_ shown: Shown) {
        #expect(throws: DirectoryError.badUsername) { try Username(shown.text) }
    }

    @Test("invisible characters do not make a second username", .tags(.security))
    func invisible() throws {
        #expect(try Username("ad\u{200B}min").key == "admin")
        #expect(try Username("\u{202E}admin").key == "admin")
    }

    @Test("an e-mail address is compared without ASCII case")
    func email() throws {
        let address = try EmailAddress(" Li.Ming+a@Mail.Acme.example ")
        #expect(address.text == "Li.Ming+a@Mail.Acme.example")
        #expect(address.key == "li.ming+a@mail.acme.example")
    }

    @Test(
        "what mail systems read differently is refused", .tags(.security),
        arguments: [
            "", "a", "@a.b", "a@", "a@b", "a@b@c.d", "a..b@c.d", ".a@b.c", "a.@b.c", "a b@c.d", "\"a\"@b.c",
            "a@[1.2.3.4]", "a@b..c", "a@-b.c", "a@b-.c", "a@b.c\r\nBcc: x@y.z", "a<b@c.d>", "ä@b.c", "a@b_c.d",
            "a@b.c,d@e.f", String(repeating: "a", count: 65) + "@b.c",
            "a@" + String(repeating: "b.", count: 130) + "c",
        ].map(Shown.init))
    func badEmail(_ shown: Shown) {
        #expect(throws: DirectoryError.badEmailAddress) { try EmailAddress(shown.text) }
    }

    @Test("a name loses the white space around it", arguments: ["研发部", " 研发部\t", "\u{3000}研发部\u{3000}"])
    func displayName(_ text: String) throws {
        #expect(try DisplayName.checked(text) == "研发部")
    }

    @Test(
        "a name that would split a line or turn the text around it is refused", .tags(.security),
        arguments: [
            "", "  ", "a\nb", "a\r\nlevel=info", "a\u{0}b", "a\u{1B}[31m", "a\u{202E}b", "a\u{200B}b", "a\u{2028}b",
            String(repeating: "a", count: 129),
        ].map(Shown.init))
    func badDisplayName(_ shown: Shown) {
        #expect(throws: DirectoryError.badDisplayName) { try DisplayName.checked(shown.text) }
    }

    @Test("a code is small letters, digits and inner hyphens", arguments: ["a", "acme", "acme-2", "x-1-y"])
    func slug(_ text: String) throws {
        #expect(try Slug.checked(text) == text)
    }

    @Test(
        "any other code is refused",
        arguments: ["", "1a", "-a", "a-", "A", "a_b", "a.b", "a b", "ä", "a/", String(repeating: "a", count: 41)].map(
            Shown.init))
    func badSlug(_ shown: Shown) {
        #expect(throws: DirectoryError.badSlug) { try Slug.checked(shown.text) }
    }

    @Test("nothing that names the value is in an error's text", arguments: DirectoryError.allCases)
    func texts(_ error: DirectoryError) {
        #expect(!error.text.description.isEmpty)
    }
}
