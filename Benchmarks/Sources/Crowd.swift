import Glibc

/// Everybody signs in with a password at the same moment: how many get in, how the others are told to come back, and
/// how much memory that takes.
///
/// They come from many offices, ``Crowd/peopleInAnOffice`` behind one address each: of a single address the server
/// takes a quarter of its queue at most.
struct Crowd {
    let options: Options
    let installation: Installation

    static let peopleInAnOffice = 4

    init(options: Options, binary: String, directory: String) throws {
        var files = rlimit()
        unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
        guard files.rlim_cur >= rlim_t(options.crowd + 200) else {
            throw Failure("a crowd of \(options.crowd) needs more open files: ulimit -n \(options.crowd + 200)")
        }
        self.options = options
        installation = try .gatehouse(
            binary, in: try Bench.folder("crowd", in: directory), people: try Person.bench(options.crowd),
            settings: ["GATEHOUSE_HTTP_TRUSTED_PROXIES": "127.0.0.1"])
    }

    func measure(into report: inout Report) throws {
        let process = try installation.startAndWait().process
        defer { process.stop() }
        sleep(1)
        let idle = try process.memory().resident
        var figures = Figures()
        var gathered = Series()
        for _ in 0..<options.rounds {
            let people = try gather()
            gathered.add(try process.memory().resident)
            try process.resetPeak()
            var rush = CrowdRush(people)
            let before = try process.cpuSeconds()
            let count = try rush.run()
            let cost = try process.cpuSeconds() - before
            figures.add(
                count, cost: cost, peak: try process.peakMemory(), idle: idle, bare: try bareHashes())
        }
        figures.add(to: &report, people: options.crowd)
        sleep(1)
        report.note(
            """
            Crowd: resident \(Figure.text(idle, decimals: 1)) MB before it came, \
            \(Figure.text(gathered.values.first ?? .nan, decimals: 1)) MB with everybody's page open, \
            \(Figure.text(try process.memory().resident, decimals: 1)) MB one second after it left.
            """)
    }

    /// Everybody has the sign-in page open, on a connection of their own.
    private func gather() throws(Failure) -> [CrowdMember] {
        let flows = Flows(installation: installation)
        var people: [CrowdMember] = []
        for number in 0..<options.crowd {
            let connection = try HTTPConnection(port: installation.port)
            let page = try flows.signInPage(
                connection, forwarded: ClientAddress.line(number / Self.peopleInAnOffice))
            let form = flows.passwordForm(page, "bench\(number)", Installation.password)
            people.append(CrowdMember(connection: connection, form: form))
        }
        return people
    }

    /// How long so many bare hashes take on all processors, and what CPU time.
    private func bareHashes() throws(Failure) -> (seconds: Double, cost: Double) {
        let hashes = 100
        let begun = CPUTime.ofThisProcess
        let work = try LoadGenerator.run(
            flows: hashes, parallelism: Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), seconds: options.seconds
        ) { _, goesOn throws(Failure) in
            while goesOn() { try BareCrypto.argon2() }
        }
        let scale = Double(options.crowd) / Double(work.flows)
        return (work.seconds * scale, (CPUTime.ofThisProcess - begun) * scale)
    }

    /// Of all rounds.
    private struct Figures {
        private var total = CrowdCount()
        private var atOnce = Series()
        private var slowestRefusal = Series()
        private var memory = Pairs()
        private var times = Pairs()
        private var costs = Pairs()

        mutating func add(
            _ count: CrowdCount, cost: Double, peak: Double, idle: Double, bare: (seconds: Double, cost: Double)
        ) {
            total.add(count)
            atOnce.add(Double(count.enteredAtOnce))
            slowestRefusal.add(count.slowestRefusal)
            memory.add(server: peak, floor: idle)
            times.add(server: count.seconds, floor: bare.seconds)
            costs.add(server: cost, floor: bare.cost)
        }

        func add(to report: inout Report, people: Int) {
            addAnswers("crowd of \(people)", to: &report)
            addCosts("crowd of \(people)", people, to: &report)
            report.note(
                """
                Crowd: a refusal came after \(Figure.text(slowestRefusal.median * 1_000, decimals: 0)) ms at the latest; \
                nobody asked more than \(total.mostAttempts) times.
                """)
        }

        /// As counts: one person of thousands would be lost in a percentage.
        private func addAnswers(_ name: String, to report: inout Report) {
            report.add(
                "\(name): 503 with Retry-After", ratio: "\(total.refused) of \(total.refused + total.refusedForGood)",
                target: "all", server: "\(Figure.text(atOnce.median, decimals: 0)) in at once", floor: "")
            report.add(
                "\(name): in after retrying", ratio: "\(total.entered) of \(total.people)", target: "all",
                server: "\(total.other) answered otherwise", floor: "")
        }

        private func addCosts(_ name: String, _ people: Int, to report: inout Report) {
            func ratio(_ pairs: Pairs) -> String {
                "\(Figure.text(pairs.ratio.median, decimals: 2)) × (\(Figure.range(pairs.ratio.range, decimals: 2)))"
            }
            report.add(
                "\(name): until the last is in", ratio: ratio(times), target: "",
                server: "\(Figure.text(times.server.median, decimals: 1)) s",
                floor: "\(Figure.text(times.floor.median, decimals: 1)) s of hashing")
            report.add(
                "\(name): CPU, refusals included", ratio: ratio(costs), target: "≤ 1.25 ×",
                server: "\(Figure.text(costs.server.median, decimals: 1)) s",
                floor: "\(Figure.text(costs.floor.median, decimals: 1)) s of hashing")
            report.add(
                "\(name): peak memory", ratio: ratio(memory), target: "≤ \(Figure.text(bound(people), decimals: 0)) MB",
                server: "\(Figure.text(memory.server.median, decimals: 1)) MB",
                floor: "\(Figure.text(memory.floor.median, decimals: 1)) MB idle")
        }

        /// What it was, a hash on each processor, and 64 KiB a person for connection and request; megabytes.
        private func bound(_ people: Int) -> Double {
            let hashes = Double(sysconf(Int32(_SC_NPROCESSORS_ONLN))) * 19_456 * 1_024
            return memory.floor.median + (hashes + Double(people) * 65_536) / 1e6
        }
    }
}
