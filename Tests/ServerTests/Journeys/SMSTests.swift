import Identity
import TestSupport
import Testing

@Suite("SMS codes and their limits (peers' class 18)")
struct SMSTests {
    static let phone = "13800000001"
    static let e164 = "+8613800000001"

    @Test("a code is accepted until the last second of its five minutes", .tags(.security))
    func lifetime() async throws {
        try await TestServer.run { server in
            for (seconds, status) in [(299.0, 200), (300, 422)] {
                let browser = server.browser()
                let sent = try await browser.askForCode(Self.phone, on: try await browser.visit("/"))
                let code = try await server.lastCode(to: Self.e164)
                server.clock.advance(by: seconds)
                #expect(try await browser.enterCode(code, on: sent).reply.status == status)
            }
        }
    }

    @Test("the right code is accepted at the fifth try and not at the sixth", .tags(.security), arguments: [4, 5])
    func tries(wrong: Int) async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            var page = try await browser.askForCode(Self.phone, on: try await browser.visit("/"))
            let code = try await server.lastCode(to: Self.e164)
            for _ in 1...wrong { page = try await browser.enterCode(other(code), on: page) }
            #expect(try await browser.enterCode(code, on: page).reply.status == (wrong == 4 ? 200 : 422))
        }
    }

    @Test("blanks in code and phone do no harm, other characters count as none")
    func typing() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let sent = try await browser.askForCode("(138) 0000-0001", on: try await browser.visit("/"))
            let code = try await server.lastCode(to: Self.e164)
            let typed = " \(code.prefix(3)) \(code.suffix(3)) "
            #expect(try await browser.enterCode(typed, on: sent).reply.status == 200)
        }
    }

    @Test("a code is good once", .tags(.security))
    func once() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let sent = try await browser.askForCode(Self.phone, on: try await browser.visit(authorize()))
            let code = try await server.lastCode(to: Self.e164)
            #expect(try await browser.enterCode(code, on: sent).answer["code"] != nil)
            let thief = server.browser()
            thief.cookies = browser.cookies.filter { $0.key.hasSuffix("browser") }
            let page = try await thief.visit("/")
            let again = try await thief.enterCode(code, on: page, ["phone": Self.phone])
            #expect(again.reply.status == 422)
        }
    }

    @Test("a new code ends the one before", .tags(.security))
    func replaced() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let page = try await browser.askForCode(Self.phone, on: try await browser.visit("/"))
            let first = try await server.lastCode(to: Self.e164)
            server.clock.advance(by: 60)
            let next = try await browser.askForCode(Self.phone, on: page)
            let second = try await server.lastCode(to: Self.e164)
            if first != second { #expect(try await browser.enterCode(first, on: next).reply.status == 422) }
            #expect(try await browser.enterCode(second, on: next).reply.status == 200)
        }
    }

    /// Asks once and tells how it was answered.
    private func ask(_ server: TestServer, _ phone: String) async throws -> Int {
        let browser = server.browser()
        return try await browser.askForCode(phone, on: try await browser.visit("/")).reply.status
    }

    @Test("sixty seconds between two codes to one phone, whoever asks", .tags(.security))
    func interval() async throws {
        try await TestServer.run { server async throws in
            #expect(try await ask(server, Self.phone) == 200)
            server.clock.advance(by: 59)
            #expect(try await ask(server, Self.phone) == 429)
            server.clock.advance(by: 1)
            #expect(try await ask(server, Self.phone) == 200)
            #expect(await server.sentCodes().count == 2)
        }
    }

    @Test("five an hour and ten a day to one phone, known or not", .tags(.security), arguments: [phone, "13800000099"])
    func perPhone(_ phone: String) async throws {
        try await TestServer.run { server async throws in
            for hour in 0..<2 {
                for _ in 1...5 {
                    #expect(try await ask(server, phone) == 200)
                    server.clock.advance(by: 60)
                }
                #expect(try await ask(server, phone) == 429)
                if hour == 0 { server.clock.advance(by: 3_300) }
            }
            server.clock.advance(by: 4_000)
            #expect(try await ask(server, phone) == 429)
            server.clock.advance(by: 86_400)
            #expect(try await ask(server, phone) == 200)
        }
    }

    @Test("twenty an hour from one address, except from exempted networks", .tags(.security), arguments: [false, true])
    func perAddress(isExempt: Bool) async throws {
        let settings = isExempt ? ["http.exemptNetworks": "127.0.0.0/8"] : [:]
        try await TestServer.run(settings: settings) { server async throws in
            for number in 10..<30 { #expect(try await ask(server, "138000001\(number)") == 200) }
            #expect(try await ask(server, "13800000130") == (isExempt ? 200 : 429))
            #expect(try await ask(server, "13800000110") == 429)
            server.clock.advance(by: 3_600)
            #expect(try await ask(server, "13800000130") == 200)
        }
    }

    @Test("a quota a month, which decoys do not use up", .tags(.security))
    func perMonth() async throws {
        try await TestServer.run(settings: ["sms.send.perTenantMonth": "2"]) { server async throws in
            for phone in ["13800000099", "13800000001", "13800000098", "13800000002"] {
                #expect(try await ask(server, phone) == 200)
            }
            #expect(try await ask(server, "13800000005") == 429)
            #expect(try await ask(server, "13800000097") == 429)
            #expect(await server.sentCodes().count == 2)
        }
    }

    @Test("thirty parallel requests for one phone send one code", .tags(.security), arguments: Backend.journeys)
    func parallel(backend: Backend) async throws {
        try await TestServer.run(on: backend) { server in
            let browser = server.browser()
            let page = try await browser.visit("/")
            let statuses = try await inParallel(30) { _ in
                try await browser.askForCode(Self.phone, on: page).reply.status
            }
            #expect(statuses.filter { $0 == 200 }.count == 1)
            #expect(statuses.filter { $0 == 429 }.count == 29)
            #expect(await server.sentCodes().count == 1)
        }
    }

    @Test("is in the language of the page")
    func language() async throws {
        try await TestServer.run { server in
            for (language, part) in [("en", "Acme"), ("zh-CN", "验证码")] {
                let browser = server.browser(language: language)
                _ = try await browser.askForCode(Self.phone, on: try await browser.visit("/"))
                let sent = try #require(await server.sentCodes().last)
                #expect(sent.text.contains(sent.code))
                #expect(sent.text.contains(part))
                server.clock.advance(by: 60)
            }
        }
    }
}
