/// Signing in with a code, from the portal to the session, against its own floor.
///
/// Everybody has a phone and an address of their own, since the server counts what was sent to each.
struct SMSSignIn {
    let options: Options
    let server: Installation
    let floor: Installation
    private let people: [Person]
    private let mailbox: Mailbox

    /// So many that a phone is asked for a few times only; who has a code under way is nobody else's.
    private static let least = 1_000

    /// Brings the people in, records the answers of one sign-in, and copies the database for the floor.
    init(options: Options, binary: String, directory: String) throws {
        let data = try Bench.folder("sms", in: directory)
        let bare = try Bench.folder("sms-floor", in: directory)
        let share = (Self.least + options.parallelism - 1) / options.parallelism
        let mailbox = Mailbox(path: "\(data)/messages")
        people = try Person.bench(share * options.parallelism)
        server = try .gatehouse(binary, in: data, people: people, settings: Self.settings(mailbox))
        floor = try .floor("/proc/self/exe", of: server, in: bare, work: true)
        self.options = options
        self.mailbox = mailbox
        try record(from: data, to: bare)
    }

    /// Messages go into a file, and nobody is kept from asking for another: what each limit reads is read all the same.
    private static func settings(_ mailbox: Mailbox) -> [String: String] {
        [
            "GATEHOUSE_SMS_GATEWAY": "file", "GATEHOUSE_SMS_FILE": mailbox.path,
            "GATEHOUSE_HTTP_TRUSTED_PROXIES": "127.0.0.1", "GATEHOUSE_SMS_SEND_INTERVAL": "off",
            "GATEHOUSE_SMS_SEND_PER_PHONE_HOUR": "off", "GATEHOUSE_SMS_SEND_PER_PHONE_DAY": "off",
            "GATEHOUSE_SMS_SEND_PER_ADDRESS_HOUR": "off", "GATEHOUSE_PUZZLE_PHONE_SENDS": "off",
            "GATEHOUSE_PUZZLE_ADDRESS_SENDS": "off", "GATEHOUSE_PUZZLE_TENANT_SENDS": "off",
        ]
    }

    private func record(from data: String, to bare: String) throws {
        let process = try server.startAndWait().process
        defer { process.stop() }
        var recorded: [Step: [UInt8]] = [:]
        try Flows(installation: server).signIn(
            try HTTPConnection(port: server.port), phone: people[0].phone, forwarded: ClientAddress.line(0),
            mailbox: mailbox
        ) { recorded[$0] = $1.bytes }
        process.stop()
        try FloorMaterial.write(recorded, from: data, to: bare)
    }

    func measure(into report: inout Report) throws {
        let (ours, theirs) = (try Subject(server), try Subject(floor))
        defer { for subject in [ours, theirs] { subject.process.stop() } }
        var costs = Pairs()
        var rates = Pairs()
        for subject in [ours, theirs] { _ = try sample(subject, flows: options.flows / 4) }
        for _ in 0..<options.rounds {
            let (server, floor) = (try sample(ours), try sample(theirs))
            costs.add(server: server.cost, floor: floor.cost)
            rates.add(server: server.rate, floor: floor.rate)
        }
        let ratio =
            "\(Figure.text(costs.ratio.median, decimals: 2)) × (\(Figure.range(costs.ratio.range, decimals: 2)))"
        report.add(
            "SMS sign-in (4 requests)", ratio: ratio, target: "≤ 2 ×",
            server: Sample.text(costs.server, rates.server), floor: Sample.text(costs.floor, rates.floor))
        addGrowth(costs, to: &report)
    }

    /// What a sign-in costs must not depend on how many there were before; the ratio to the floor, which counts the same
    /// rows, does not show it.
    private func addGrowth(_ costs: Pairs, to report: inout Report) {
        guard let first = costs.server.values.first, let last = costs.server.values.last, options.rounds > 1 else {
            return
        }
        report.add(
            "SMS sign-in, last round to first", ratio: "\(Figure.text(last / first, decimals: 2)) ×",
            target: "≤ 1.2 ×",
            server: "\(Figure.text(last, decimals: 0)) µs after \(Figure.text(first, decimals: 0)) µs",
            floor: "\(options.flows) messages more a round")
    }

    private func sample(_ subject: Subject, flows: Int? = nil) throws -> Sample {
        let flow = Flows(installation: subject.installation)
        let (people, mailbox, workers, port) = (people, mailbox, options.parallelism, subject.installation.port)
        let before = try subject.process.cpuSeconds()
        let work = try LoadGenerator.run(
            flows: max(1, flows ?? options.flows), parallelism: workers, seconds: options.seconds
        ) { number, goesOn throws(Failure) in
            let connection = try HTTPConnection(port: port)
            var next = number
            while goesOn() {
                try flow.signIn(
                    connection, phone: people[next].phone, forwarded: ClientAddress.line(next), mailbox: mailbox)
                next = (next + workers) % people.count
            }
        }
        return Sample(work, cpuSeconds: try subject.process.cpuSeconds() - before)
    }
}
