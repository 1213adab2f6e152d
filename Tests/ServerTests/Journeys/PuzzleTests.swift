import Directory
import FoundationEssentials
import TestSupport
import Testing

@Suite("Puzzles: a busy phone, address or tenant costs work (peers' class 18)")
struct PuzzleTests {
    static let known = "13800000001"
    static let unknown = "13800000099"

    /// Two codes to a phone, a minute apart, each from an address of its own, and another minute.
    private static func press(_ phone: String, on server: TestServer, from network: String = "198.51.100") async throws
    {
        for number in 1...2 {
            let (browser, page) = try await server.arrival(at: "\(network).\(number)")
            #expect(try await browser.askForCode(phone, on: page).reply.status == 200)
            server.clock.advance(by: 60)
        }
    }

    @Test(
        "the third code in an hour costs a puzzle, with the same bytes for a known and an unknown phone",
        .tags(.security), arguments: Backend.journeys)
    func phone(backend: Backend) async throws {
        try await TestServer.run(on: backend, settings: productPressure) { server async throws in
            var (asked, sent): (Set<String>, Set<String>) = ([], [])
            for (number, phone) in [Self.known, Self.unknown].enumerated() {
                try await Self.press(phone, on: server, from: "198.51.10\(number)")
                let (browser, page) = try await server.arrival(at: "203.0.113.\(number)")
                let refused = try await browser.askForCode(phone, on: page)
                #expect(refused.reply.status == 422)
                #expect(refused.reply.formErrors == puzzleFirst)
                asked.insert(server.withoutRequestID(refused.reply, typed: [phone]))
                let done = try await browser.askForCode(phone, on: refused, try refused.solution)
                #expect(done.reply.status == 200)
                sent.insert(server.withoutRequestID(done.reply, typed: [phone]))
            }
            #expect(asked.count == 1)
            #expect(sent.count == 1)
            #expect(await server.sentCodes().map(\.phone) == Array(repeating: "+8613800000001", count: 3))
        }
    }

    @Test("the page works without a script, and says how long to wait then")
    func accessible() async throws {
        try await TestServer.run(settings: productPressure) { server async throws in
            try await Self.press(Self.known, on: server)
            for (language, sentence) in [
                (
                    "en",
                    """
                    Your browser cannot do the security check by itself. \
                    Please wait 60 seconds before you press the button.
                    """
                ),
                ("zh-CN", "浏览器无法自动完成安全校验，请等待 60 秒后再点击按钮。"),
            ] {
                let browser = server.browser(language: language, address: "203.0.113.1")
                let refused = try await browser.askForCode(Self.known, on: try await browser.visit("/login"))
                #expect(refused.reply.text.contains("<noscript><p class=\"notice puzzle\">\(sentence)</p></noscript>"))
                #expect(refused.reply.text.contains("data-puzzle-bits=\"4\" data-puzzle-parts=\"16\""))
                #expect(refused.reply.text.contains("data-when-solved"))
                #expect(refused.reply.text.contains("role=\"status\" data-puzzle-state"))
            }
        }
    }

    struct Wrong: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var change: @Sendable (Changes) -> Changes
    }

    @Test(
        "what is no solution of this interaction's puzzle sends nothing", .tags(.security),
        arguments: [
            Wrong(testDescription: "nothing") { _ in ["puzzle": nil, "puzzleSolution": nil] },
            Wrong(testDescription: "only the puzzle") { $0.merging(["puzzleSolution": nil]) { $1 } },
            Wrong(testDescription: "only the numbers") { $0.merging(["puzzle": nil]) { $1 } },
            Wrong(testDescription: "no numbers, at once") { $0.merging(["puzzleSolution": ""]) { $1 } },
            Wrong(testDescription: "zeros") {
                $0.merging(["puzzleSolution": Array(repeating: "0", count: 16).joined(separator: ",")]) { $1 }
            },
            Wrong(testDescription: "less work") { solution in
                let puzzle = (solution["puzzle"] ?? nil)?.replacing(".4.", with: ".0.")
                return solution.merging(["puzzle": puzzle]) { $1 }
            },
        ])
    func refused(_ wrong: Wrong) async throws {
        try await TestServer.run(settings: productPressure) { server async throws in
            try await Self.press(Self.known, on: server)
            let (browser, page) = try await server.arrival(at: "203.0.113.1")
            let asked = try await browser.askForCode(Self.known, on: page)
            let again = try await browser.askForCode(Self.known, on: asked, wrong.change(try asked.solution))
            #expect(again.reply.status == 422)
            #expect(again.reply.formErrors == puzzleFirst)
            #expect(try again.puzzle != asked.puzzle)
            #expect(await server.sentCodes().count == 2)
            // What went wrong used nothing up.
            let done = try await browser.askForCode(Self.known, on: asked, try asked.solution)
            #expect(done.reply.status == 200)
        }
    }

    @Test("a solved puzzle serves once, and only in the interaction it was made for", .tags(.security))
    func once() async throws {
        try await TestServer.run(settings: productPressure) { server async throws in
            try await Self.press(Self.known, on: server)
            let (browser, page) = try await server.arrival(at: "203.0.113.1")
            let solution = try await browser.askForCode(Self.known, on: page).solution
            let (thief, other) = try await server.arrival(at: "203.0.113.1")
            #expect(try await thief.askForCode(Self.known, on: other, solution).reply.formErrors == puzzleFirst)
            #expect(try await browser.askForCode(Self.known, on: page, solution).reply.status == 200)
            server.clock.advance(by: 60)
            #expect(try await browser.askForCode(Self.known, on: page, solution).reply.formErrors == puzzleFirst)
            #expect(await server.sentCodes().count == 3)
        }
    }

    @Test("of thirty that send one solution at once, one is sent a code", .tags(.security), arguments: Backend.journeys)
    func parallel(backend: Backend) async throws {
        let unlimited = ["sms.send.interval": "off", "sms.send.perPhoneHour": "off", "sms.send.perPhoneDay": "off"]
        let settings = productPressure.merging(unlimited) { $1 }.merging(["sms.send.perAddressHour": "off"]) { $1 }
        try await TestServer.run(on: backend, settings: settings) { server async throws in
            try await Self.press(Self.known, on: server)
            let (browser, page) = try await server.arrival(at: "203.0.113.1")
            let solution = try await browser.askForCode(Self.known, on: page).solution
            let statuses = try await inParallel(30) { _ in
                try await browser.askForCode(Self.known, on: page, solution).reply.status
            }
            #expect(statuses.sorted() == [200] + Array(repeating: 422, count: 29))
            #expect(await server.sentCodes().count == 3)
        }
    }

    @Test("a puzzle is worth nothing after half an hour", .tags(.security))
    func old() async throws {
        let settings = productPressure.merging(["puzzle.tenantSends": "1", "signIn.lifetime": "2h"]) { $1 }
        try await TestServer.run(settings: settings) { server async throws in
            let (browser, page) = try await server.arrival(at: "203.0.113.1")
            _ = try await browser.askForCode(Self.unknown, on: page)
            let solution = try await browser.askForCode(Self.known, on: page).solution
            server.clock.advance(by: 1_740)
            let (other, fresh) = try await server.arrival(at: "203.0.113.2")
            _ = try await other.askForCode(Self.unknown, on: fresh)
            server.clock.advance(by: 60)
            #expect(try await browser.askForCode(Self.known, on: page, solution).reply.formErrors == puzzleFirst)
        }
    }

    @Test("whoever has no script waits a minute instead: one pass an address and minute", .tags(.security))
    func waiting() async throws {
        try await TestServer.run(settings: productPressure) { server async throws in
            try await Self.press(Self.known, on: server)
            try await Self.press(Self.unknown, on: server, from: "198.51.101")
            // 1,700,000,240: a minute begins.
            #expect(Int(server.clock.now.timeIntervalSince1970) % 60 == 20)
            server.clock.advance(by: 40)
            let (one, two) = (
                try await server.arrival(at: "203.0.113.1"), try await server.arrival(at: "203.0.113.1")
            )
            let elsewhere = try await server.arrival(at: "203.0.113.2")
            let asked = try await one.browser.askForCode(Self.known, on: one.page)
            let second = try await two.browser.askForCode(Self.unknown, on: two.page)
            let third = try await elsewhere.browser.askForCode(Self.unknown, on: elsewhere.page)
            server.clock.advance(by: 59)
            #expect(try await one.browser.askForCode(Self.known, on: asked).reply.formErrors == puzzleFirst)
            server.clock.advance(by: 1)
            #expect(try await one.browser.askForCode(Self.known, on: asked).reply.status == 200)
            #expect(try await two.browser.askForCode(Self.unknown, on: second).reply.formErrors == puzzleFirst)
            server.clock.advance(by: 59)
            #expect(try await two.browser.askForCode(Self.unknown, on: second).reply.formErrors == puzzleFirst)
            #expect(try await elsewhere.browser.askForCode(Self.unknown, on: third).reply.status == 200)
            server.clock.advance(by: 61)
            // The same puzzle has waited long enough, and served once: the phone's next code costs another.
            #expect(try await two.browser.askForCode(Self.unknown, on: second).reply.status == 200)
            server.clock.advance(by: 60)
            #expect(try await one.browser.askForCode(Self.known, on: asked).reply.formErrors == puzzleFirst)
        }
    }

    @Test(
        "a busy address pays, another does not, nor does an exempt network", .tags(.security), arguments: [false, true])
    func address(isExempt: Bool) async throws {
        let exempt = isExempt ? ["http.exemptNetworks": "203.0.113.0/24"] : [:]
        try await TestServer.run(settings: productPressure.merging(exempt) { $1 }) { server async throws in
            let (browser, page) = try await server.arrival(at: "203.0.113.1")
            for number in 10..<15 {
                #expect(try await browser.askForCode("138000001\(number)", on: page).reply.status == 200)
            }
            for phone in ["13800000116", Self.known] {
                let visit = try await browser.askForCode(phone, on: page)
                #expect(visit.reply.status == (isExempt ? 200 : 422))
            }
            let (other, fresh) = try await server.arrival(at: "203.0.112.1")
            #expect(try await other.askForCode("13800000117", on: fresh).reply.status == 200)
        }
    }

    @Test("a busy tenant pays whoever asks, for ten minutes, and no other tenant does", .tags(.security))
    func tenant() async throws {
        let settings = productPressure.merging(["puzzle.tenantSends": "4"]) { $1 }
        try await TestServer.run(settings: settings) { server async throws in
            func ask(_ number: Int) async throws -> Browser.Visit {
                let (browser, page) = try await server.arrival(at: "203.0.113.\(number)")
                return try await browser.askForCode("138000001\(number)", on: page)
            }
            for number in 10..<14 { #expect(try await ask(number).reply.status == 200) }
            #expect(try await ask(20).reply.formErrors == puzzleFirst)
            let globex = server.browser(at: Samples.globex.issuer, address: "203.0.113.20")
            #expect(
                try await globex.askForCode(Self.known, on: try await globex.visit("/login")).reply.status == 200)
            server.clock.advance(by: 600)
            #expect(try await ask(21).reply.status == 200)
        }
    }

    @Test("a forgotten password is no way around", .tags(.security))
    func forgotten() async throws {
        try await TestServer.run(settings: productPressure) { server async throws in
            var pages: Set<String> = []
            for (number, phone) in [Self.known, Self.unknown].enumerated() {
                try await Self.press(phone, on: server, from: "198.51.10\(number)")
                let (browser, page) = try await server.arrival(at: "203.0.113.\(number)")
                let forgotten = try await browser.visit("/login/forgotten?i=\(try page.interactionID)")
                let form = try forgotten.form(to: "/login/forgotten")
                let asked = try await browser.submit(form, ["phone": phone], pressing: "send")
                #expect(asked.reply.formErrors == puzzleFirst)
                pages.insert(server.withoutRequestID(asked.reply, typed: [phone]))
                let next = try asked.form(to: "/login/forgotten")
                let sent = try await browser.submit(
                    next, ["phone": phone].merging(try asked.solution) { $1 }, pressing: "send")
                #expect(sent.reply.status == 200)
            }
            #expect(pages.count == 1)
            #expect(await server.sentCodes().count == 3)
        }
    }
}
