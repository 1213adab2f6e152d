/// How long a refusal takes, by what it is about: whoever tells accounts apart by their time knows who has one.
///
/// One browser after the other, so that nothing queues. In each round every kind is tried once, in an order that is
/// drawn anew, from an address of its own; nobody has as many attempts as freeze an account, but for those who are
/// frozen before. Times are compared with those of a known account.
struct Refusals {
    let options: Options
    let binary: String
    let directory: String

    /// Whom a wrong password is tried against.
    private enum Account: String, CaseIterable {
        case known
        /// Known as well: how much two equal things differ here.
        case control
        case unknown, frozen, disabled
        /// Never had a password.
        case pending
        /// Has a bcrypt hash of another system.
        case imported

        var name: String {
            switch self {
            case .known: "known account"
            case .control: "another known account"
            case .unknown: "unknown account"
            case .frozen: "frozen account"
            case .disabled: "disabled account"
            case .pending: "account without password"
            case .imported: "account with bcrypt hash"
            }
        }
    }

    /// Whose phone a code is asked for.
    private enum Phone: Int, CaseIterable {
        case known, control, unknown

        var name: String {
            switch self {
            case .known: "known phone"
            case .control: "another known phone"
            case .unknown: "unknown phone"
            }
        }

        /// Nobody is asked for twice: the second time within a minute is answered otherwise.
        func number(_ round: Int) -> Int { 13_900_000_000 + rawValue * 100_000 + round }
    }

    /// Wrong passwords that one account is given: one more freezes it.
    private static let patience = 9
    /// Of ``Installation/password``, at cost 10.
    private static let bcrypt = "$2b$10$abcdefghijklmnopqrstuuPiS4iUBT88yFvUSk/tP0Mi6eDKfUO/S"

    func measure(into report: inout Report) throws {
        let own = try prepared([.known, .control, .unknown, .frozen, .disabled, .pending], "refusals")
        let process = try own.startAndWait().process
        defer { process.stop() }
        add(
            try passwords(own, [.known, .control, .unknown, .frozen, .disabled, .pending]), "wrong password",
            to: &report)
        add(try codes(own), "code asked for", to: &report)
        process.stop()
        let mixed = try prepared(Account.allCases, "refusals-imported")
        let other = try mixed.startAndWait().process
        defer { other.stop() }
        add(try passwords(mixed, Account.allCases), "wrong password beside bcrypt", to: &report)
    }

    // MARK: - People

    private func prepared(_ accounts: [Account], _ name: String) throws -> Installation {
        let folder = try Bench.folder(name, in: directory)
        let people = try accounts.flatMap { account in try self.people(account) }
        let installation = try Installation.gatehouse(
            binary, in: folder, people: people + owners(),
            settings: [
                "GATEHOUSE_HTTP_TRUSTED_PROXIES": "127.0.0.1", "GATEHOUSE_PUZZLE_TENANT_SENDS": "off",
                "GATEHOUSE_SMS_GATEWAY": "file", "GATEHOUSE_SMS_FILE": "\(folder)/messages",
                "GATEHOUSE_FREEZE_DURATION": "1d",
            ])
        for number in 0..<crowd(.disabled) { try installation.command(["user", "disable", "disabled\(number)"]) }
        let process = try installation.startAndWait().process
        defer { process.stop() }
        try freeze(installation)
        return installation
    }

    /// How many of a kind it takes for nobody to be frozen on the way.
    private func crowd(_ account: Account) -> Int {
        switch account {
        case .unknown: 0
        case .frozen: 1
        default: (options.attempts + Self.patience - 1) / Self.patience
        }
    }

    private func people(_ account: Account) throws(Failure) -> [Person] {
        let place = Account.allCases.firstIndex(of: account) ?? 0
        let hash: String? =
            switch account {
            case .pending: nil
            case .imported: Self.bcrypt
            default: try BareCrypto.argon2Text(of: Installation.password)
            }
        return (0..<crowd(account)).map { number in
            Person(
                username: "\(account.rawValue)\(number)", phone: 13_800_000_000 + place * 10_000 + number,
                passwordHash: hash)
        }
    }

    /// Those whose phones a code is asked for.
    private func owners() -> [Person] {
        [Phone.known, .control].flatMap { phone in
            (0..<options.attempts).map { Person(username: "phone\(phone.number($0))", phone: phone.number($0)) }
        }
    }

    private func freeze(_ installation: Installation) throws(Failure) {
        let flows = Flows(installation: installation)
        let connection = try HTTPConnection(port: installation.port)
        let page = try flows.signInPage(connection, forwarded: ClientAddress.line(0))
        for _ in 0...Self.patience {
            _ = try timed(connection, flows.passwordForm(page, "frozen0", "Wrong-Horse-7"), 422, flows)
        }
    }

    // MARK: - Times

    private func passwords(_ installation: Installation, _ accounts: [Account]) throws -> [(String, Series)] {
        let flows = Flows(installation: installation)
        var times: [Account: Series] = [:]
        let connection = try HTTPConnection(port: installation.port)
        for round in 0..<options.attempts {
            let page = try flows.signInPage(connection, forwarded: ClientAddress.line(1 + round))
            for account in accounts.shuffled() {
                let number = account == .frozen ? 0 : round / Self.patience
                let form = flows.passwordForm(page, "\(account.rawValue)\(number)", "Wrong-Horse-7")
                times[account, default: Series()].add(try timed(connection, form, 422, flows))
            }
        }
        return accounts.compactMap { account in times[account].map { (account.name, $0) } }
    }

    private func codes(_ installation: Installation) throws -> [(String, Series)] {
        let flows = Flows(installation: installation)
        var times: [Phone: Series] = [:]
        let connection = try HTTPConnection(port: installation.port)
        for round in 0..<options.attempts {
            let forwarded = ClientAddress.line(65_536 + round)
            let page = try flows.signInPage(connection, forwarded: forwarded, isForPhone: true)
            for phone in Phone.allCases.shuffled() {
                let form = flows.codeRequest(page, phone: phone.number(round))
                times[phone, default: Series()].add(try timed(connection, form, 200, flows))
            }
        }
        return Phone.allCases.compactMap { phone in times[phone].map { (phone.name, $0) } }
    }

    /// Milliseconds until the whole answer was there.
    private func timed(
        _ connection: HTTPConnection, _ request: String, _ status: Int, _ flows: Flows
    ) throws(Failure) -> Double {
        let start = ContinuousClock.now
        let answer = try connection.exchange(request)
        let took = (ContinuousClock.now - start).inSeconds * 1_000
        guard answer.status == status else { throw flows.unexpected("POST /login", answer) }
        return took
    }

    // MARK: - The table

    /// - Parameter kinds: The first is what the others are compared with.
    private func add(_ kinds: [(name: String, times: Series)], _ what: String, to report: inout Report) {
        guard let known = kinds.first?.times else { return }
        func text(_ times: Series) -> String {
            let (median, high) = (Figure.text(times.median, decimals: 2), Figure.text(times.quantile(0.9), decimals: 2))
            return "\(median) ms, 90th \(high)"
        }
        for (name, times) in kinds.dropFirst() {
            let median = Figure.text(times.median / known.median, decimals: 3)
            let high = Figure.text(times.quantile(0.9) / known.quantile(0.9), decimals: 2)
            report.add(
                "\(what), \(name)", ratio: "\(median) × (90th \(high))", target: "0.98–1.02 ×", server: text(times),
                floor: text(known))
        }
    }
}
