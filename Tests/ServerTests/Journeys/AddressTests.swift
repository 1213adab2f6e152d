import Directory
import FoundationEssentials
import Identity
import TestSupport
import Testing

@Suite("Wrong attempts from one address: first puzzles, then a pause (peers' class 17)")
struct AddressTests {
    static let address = "203.0.113.1"

    /// So many wrong passwords, each for another name, with the puzzles that they cost.
    private static func guess(_ count: Int, on server: TestServer, from address: String = address) async throws {
        let browser = server.browser(address: address)
        for number in 0..<count {
            let page = try await browser.visit("/login")
            let solution = page.hasPuzzle ? try page.solution : [:]
            let visit = try await browser.enter("nobody\(number)", "Wrong-Horse-1", on: page, solution)
            #expect(visit.reply.status == 422)
            #expect(visit.reply.formErrors == FreezeTests.refusal)
        }
    }

    @Test(
        "after ten, an attempt without a solved puzzle is not looked at, whoever it is about", .tags(.security),
        arguments: Backend.journeys)
    func passwords(backend: Backend) async throws {
        try await TestServer.run(on: backend, settings: productPressure) { server in
            try await Self.guess(10, on: server)
            var pages: Set<String> = []
            for (name, password) in [
                ("alice", Samples.password), ("alice", "Wrong-Horse-1"), ("nobody", "Wrong-Horse-1"),
                ("carol", Samples.password),
            ] {
                let (browser, page) = try await server.arrival(at: Self.address)
                let visit = try await browser.enter(name, password, on: page, ["puzzle": nil, "puzzleSolution": nil])
                #expect(visit.reply.status == 422)
                #expect(visit.reply.formErrors == puzzleFirst)
                pages.insert(server.withoutRequestID(visit.reply, typed: [name]))
            }
            #expect(pages.count == 1)
            #expect(try await server.throttle(of: Samples.alice) == nil)
            #expect(try await server.failures(of: Self.address) == 10)
            let (browser, page) = try await server.arrival(at: Self.address)
            let done = try await browser.enter("alice", Samples.password, on: page, try page.solution)
            #expect(done.reply.status == 200)
            let (elsewhere, fresh) = try await server.arrival(at: "203.0.113.2")
            #expect(!fresh.hasPuzzle)
            #expect(try await elsewhere.enter("alice", Samples.password, on: fresh).reply.status == 200)
        }
    }

    @Test("and so on the tab for codes, known phone or not", .tags(.security), arguments: Backend.journeys)
    func codes(backend: Backend) async throws {
        try await TestServer.run(on: backend, settings: productPressure) { server in
            let (browser, page) = try await server.arrival(at: "203.0.113.2")
            let sent = try await browser.askForCode("13800000001", on: page)
            let code = try await server.lastCode(to: "+8613800000001")
            try await Self.guess(10, on: server, from: "203.0.113.2")
            var pages: Set<String> = []
            for phone in ["13800000001", "13800000099"] {
                let visit = try await browser.enterCode(code, on: sent, ["phone": phone])
                #expect(visit.reply.formErrors == puzzleFirst)
                pages.insert(server.withoutRequestID(visit.reply, typed: [phone]))
            }
            #expect(pages.count == 1)
            let asked = try await browser.enterCode(code, on: sent, ["phone": "13800000001"])
            let solution = try asked.solution.merging(["phone": "13800000001"]) { $1 }
            #expect(try await browser.enterCode(code, on: asked, solution).reply.status == 200)
        }
    }

    @Test("a solved puzzle lets one attempt through", .tags(.security), arguments: Backend.journeys)
    func once(backend: Backend) async throws {
        try await TestServer.run(on: backend, settings: productPressure) { server in
            try await Self.guess(10, on: server)
            let (browser, page) = try await server.arrival(at: Self.address)
            let solution = try page.solution
            let errors = try await inParallel(20) { _ in
                try await browser.enter("alice", "Wrong-Horse-1", on: page, solution).reply.formErrors
            }
            #expect(errors.filter { $0 == FreezeTests.refusal }.count == 1)
            #expect(errors.filter { $0 == puzzleFirst }.count == 19)
            #expect(try await server.throttle(of: Samples.alice)?.failures == 1)
        }
    }

    @Test("who waits passes once a minute, also with a password", .tags(.security))
    func waiting() async throws {
        try await TestServer.run(settings: productPressure) { server in
            try await Self.guess(10, on: server)
            let (browser, page) = try await server.arrival(at: Self.address)
            let (other, second) = try await server.arrival(at: Self.address)
            server.clock.advance(by: 60)
            #expect(try await browser.enter("alice", "Wrong-Horse-1", on: page).reply.formErrors == FreezeTests.refusal)
            #expect(try await other.enter("alice", Samples.password, on: second).reply.formErrors == puzzleFirst)
            #expect(try await server.throttle(of: Samples.alice)?.failures == 1)
            server.clock.advance(by: 60)
            #expect(try await other.enter("alice", Samples.password, on: second).reply.status == 200)
        }
    }

    // MARK: - The pause

    static let strict = productPressure.merging(["address.failures": "12", "puzzle.addressFailures": "off"]) { $1 }

    @Test(
        "at the hard limit all attempts from there are refused for a quarter of an hour, with the same bytes for everybody",
        .tags(.security), arguments: Backend.journeys)
    func pause(backend: Backend) async throws {
        try await TestServer.run(on: backend, settings: Self.strict) { server in
            try await SameWordsTests.freeze(server)
            try await Self.guess(12, on: server)
            var pages: Set<String> = []
            for (name, password) in [
                ("alice", Samples.password), ("nobody", "Wrong-Horse-1"), ("frank", Samples.password),
                ("bob", "Wrong-Horse-1"),
            ] {
                let (browser, page) = try await server.arrival(at: Self.address)
                let visit = try await browser.enter(name, password, on: page)
                #expect(visit.reply.status == 429)
                #expect(visit.reply["Retry-After"] == "900")
                #expect(
                    visit.reply.formErrors == [
                        "Too many wrong attempts came from your network. Try again in 15 minutes."
                    ])
                pages.insert(server.withoutRequestID(visit.reply, typed: [name]))
            }
            #expect(pages.count == 1)
            let (browser, page) = try await server.arrival(at: Self.address)
            let typed = try await browser.enterCode("123456", on: page, ["phone": "13800000001"])
            #expect(typed.reply.status == 429)
            #expect(try await server.throttle(of: Samples.alice) == nil)
        }
    }

    @Test("it ends by itself, trying on does not prolong it, and it holds nowhere else", .tags(.security))
    func pauseEnds() async throws {
        try await TestServer.run(settings: Self.strict) { server in
            try await Self.guess(12, on: server)
            let (elsewhere, fresh) = try await server.arrival(at: "203.0.113.2")
            #expect(try await elsewhere.enter("alice", Samples.password, on: fresh).reply.status == 200)
            let globex = server.browser(at: Samples.globex.issuer, address: Self.address)
            #expect(try await globex.signIn(at: "/login").reply.status == 200)
            let (browser, page) = try await server.arrival(at: Self.address)
            server.clock.advance(by: 899)
            let last = try await browser.enter("alice", Samples.password, on: page)
            #expect(last.reply.status == 429)
            #expect(last.reply["Retry-After"] == "1")
            server.clock.advance(by: 1)
            #expect(try await browser.enter("alice", Samples.password, on: page).reply.status == 200)
        }
    }

    @Test("a success takes its attempt back, and only that one", .tags(.security))
    func takenBack() async throws {
        let settings = Self.strict.merging(["address.failures": "5"]) { $1 }
        try await TestServer.run(settings: settings) { server in
            try await Self.guess(4, on: server)
            for _ in 1...3 {
                let (browser, page) = try await server.arrival(at: Self.address)
                #expect(try await browser.enter("alice", Samples.password, on: page).reply.status == 200)
                #expect(try await server.failures(of: Self.address) == 4)
            }
            try await Self.guess(1, on: server)
            let (browser, page) = try await server.arrival(at: Self.address)
            #expect(try await browser.enter("alice", Samples.password, on: page).reply.status == 429)
        }
    }

    @Test("a right code takes its attempt back too, also one that leads to a new password")
    func takenBackByCode() async throws {
        try await TestServer.run(settings: Self.strict) { server in
            for phone in ["13800000001", "13800000002"] {
                let (browser, page) = try await server.arrival(at: Self.address)
                let sent = try await browser.askForCode(phone, on: page)
                let code = try await server.lastCode(to: "+86" + phone)
                #expect(try await browser.enterCode(other(code), on: sent).reply.status == 422)
                #expect(try await browser.enterCode(code, on: sent).reply.status == 200)
            }
            #expect(try await server.failures(of: Self.address) == 2)
        }
    }

    @Test(
        "of fifty at once, over many names, as many are looked at as the limit says", .tags(.security),
        arguments: Backend.journeys)
    func parallel(backend: Backend) async throws {
        try await TestServer.run(on: backend, settings: Self.strict) { server in
            let (browser, page) = try await server.arrival(at: Self.address)
            let statuses = try await inParallel(50) { number in
                try await browser.enter("nobody\(number)", "Wrong-Horse-1", on: page).reply.status
            }
            #expect(statuses.filter { $0 == 422 }.count == 12)
            #expect(statuses.filter { $0 == 429 }.count == 38)
            #expect(try await server.failures(of: Self.address) == 12)
            #expect(try await server.events().filter { $0.hasPrefix("sign_in.failed") }.count == 12)
        }
    }

    @Test(
        "an exempt network is neither asked for puzzles nor paused; the account is counted all the same",
        .tags(.security))
    func exempt() async throws {
        let settings = productPressure.merging(["http.exemptNetworks": "203.0.113.0/24", "address.failures": "12"]) {
            $1
        }
        try await TestServer.run(settings: settings) { server in
            try await Self.guess(20, on: server)
            #expect(try await server.failures(of: Self.address) == 0)
            let (browser, page) = try await server.arrival(at: Self.address)
            #expect(!page.hasPuzzle)
            for _ in 1...10 { _ = try await browser.enter("alice", "Wrong-Horse-1", on: page) }
            #expect(
                try await browser.enter("alice", Samples.password, on: page).reply.formErrors == FreezeTests.refusal)
        }
    }

    @Test("where only the pause is off, puzzles go on being asked for", .tags(.security))
    func pauseOff() async throws {
        let settings = productPressure.merging(["address.failures": "12", "address.pause": "off"]) { $1 }
        try await TestServer.run(settings: settings) { server in
            try await Self.guess(14, on: server)
            server.clock.advance(by: 5)
            let (browser, page) = try await server.arrival(at: Self.address)
            #expect(page.hasPuzzle)
            let visit = try await browser.enter("alice", Samples.password, on: page)
            #expect(visit.reply.formErrors == puzzleFirst)
        }
    }

    @Test("a form that is sent again after it has led on is no attempt", .tags(.security))
    func sentTwice() async throws {
        try await TestServer.run(settings: Self.strict) { server in
            let (browser, page) = try await server.arrival(at: Self.address)
            #expect(try await browser.enter("alice", Samples.password, on: page).reply.status == 200)
            for _ in 1...3 {
                let again = try await browser.enter("alice", Samples.password, on: page)
                #expect(again.reply.heading == (try await browser.visit("/").reply.heading))
            }
            #expect(try await server.throttle(of: Samples.alice) == nil)
            #expect(try await server.failures(of: Self.address) == 0)
        }
    }
}
