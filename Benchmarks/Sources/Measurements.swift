import Glibc

/// The real server with people and applications in it, their browsers, and the two floors made from it.
struct Subjects: Sendable {
    let server: Installation
    /// Statements, signature and answers.
    let floor: Installation
    /// Answers alone.
    let answers: Installation
    /// Signed in.
    let browsers: [Browser]

    /// Signs everybody in, records the answers of one flow, and copies the database for the floor.
    init(binary: String, directory: String, browsers count: Int) throws {
        let (data, bare) = ("\(directory)/server", "\(directory)/floor")
        for folder in [data, bare] { unsafe mkdir(folder, 0o700) }
        let real = try Installation.gatehouse(binary, in: data, people: try Person.bench(count))
        let flows = Flows(installation: real)
        let process = try real.startAndWait().process
        defer { process.stop() }
        let connection = try HTTPConnection(port: real.port)
        var browsers = (0..<count).map { Browser(username: "bench\($0)") }
        for index in browsers.indices { try flows.signIn(connection, &browsers[index]) }
        var recorded: [Step: [UInt8]] = [:]
        try flows.oauth(connection, browsers[0]) { recorded[$0] = $1.bytes }
        try flows.cas(connection, browsers[0]) { recorded[$0] = $1.bytes }
        process.stop()
        try FloorMaterial.write(recorded, from: data, to: bare)
        self.browsers = browsers
        server = real
        floor = try .floor("/proc/self/exe", of: real, in: bare, work: true)
        answers = try .floor("/proc/self/exe", of: real, in: bare, work: false)
    }
}

/// What a floor is made from.
enum FloorMaterial {
    /// Leaves the answers of one flow, and the database of a server that has stopped and so has moved its log into the
    /// file.
    static func write(_ recorded: [Step: [UInt8]], from data: String, to bare: String) throws(Failure) {
        for (step, bytes) in recorded { try Files.write(bytes, to: "\(bare)/\(step.rawValue)") }
        try Files.write(try Files.bytes("\(data)/data/gatehouse.sqlite"), to: "\(bare)/gatehouse.db")
    }
}

/// A running server.
struct Subject {
    let installation: Installation
    let process: ChildProcess

    init(_ installation: Installation) throws {
        self.installation = installation
        process = try installation.startAndWait().process
    }
}

/// CPU microseconds of the server a flow, and flows a second of wall time.
struct Sample {
    let cost: Double
    let rate: Double

    init(_ work: LoadGenerator.Work, cpuSeconds: Double) {
        cost = cpuSeconds / Double(work.flows) * 1e6
        rate = Double(work.flows) / work.seconds
    }

    /// What a row of the table says.
    static func text(_ cost: Series, _ rate: Series) -> String {
        let (micros, perSecond) = (Figure.text(cost.median, decimals: 0), Figure.text(1e6 / cost.median, decimals: 0))
        return "\(micros) µs CPU: \(perSecond) per CPU s; \(Figure.text(rate.median, decimals: 0))/s seen"
    }
}

/// OAuth and CAS flows of people who have a session: what single sign-on is.
struct SingleSignOn {
    let options: Options
    let subjects: Subjects

    func measure(into report: inout Report) throws {
        let server = try Subject(subjects.server)
        let floor = try Subject(subjects.floor)
        let answers = try Subject(subjects.answers)
        defer { for subject in [server, floor, answers] { subject.process.stop() } }
        for part in [Options.Part.oauth, .cas] where options.parts.contains(part) {
            var costs = Pairs()
            var rates = Pairs()
            var bare = Series()
            for subject in [server, floor, answers] { _ = try sample(subject, part, flows: options.flows / 4) }
            for _ in 0..<options.rounds {
                let (ours, theirs) = (try sample(server, part), try sample(floor, part))
                costs.add(server: ours.cost, floor: theirs.cost)
                rates.add(server: ours.rate, floor: theirs.rate)
                bare.add(try sample(answers, part).cost)
            }
            add(part, costs, rates, bare, to: &report)
        }
        report.note("Memory after the flows: \(try Self.memory(server)), floor \(try Self.memory(floor)).")
        report.note("One bare ES256 signature: \(Figure.text(try Self.signature(), decimals: 1)) µs.")
    }

    private func sample(_ subject: Subject, _ part: Options.Part, flows: Int? = nil) throws -> Sample {
        let flow = Flows(installation: subject.installation)
        let (browsers, port) = (subjects.browsers, subject.installation.port)
        let before = try subject.process.cpuSeconds()
        let work = try LoadGenerator.run(
            flows: max(1, flows ?? options.flows), parallelism: browsers.count, seconds: options.seconds
        ) { number, goesOn throws(Failure) in
            let connection = try HTTPConnection(port: port)
            while goesOn() {
                switch part {
                case .oauth: try flow.oauth(connection, browsers[number])
                default: try flow.cas(connection, browsers[number])
                }
            }
        }
        return Sample(work, cpuSeconds: try subject.process.cpuSeconds() - before)
    }

    private func add(
        _ part: Options.Part, _ costs: Pairs, _ rates: Pairs, _ bare: Series, to report: inout Report
    ) {
        let name = part == .oauth ? "OAuth flow, ES256 (3 requests)" : "CAS flow (2 requests)"
        report.add(
            name,
            ratio:
                "\(Figure.text(costs.ratio.median, decimals: 2)) × (\(Figure.range(costs.ratio.range, decimals: 2)))",
            target: "≤ 2 ×", server: Sample.text(costs.server, rates.server),
            floor: Sample.text(costs.floor, rates.floor))
        report.note("\(name): of the floor, HTTP alone \(Figure.text(bare.median, decimals: 0)) µs.")
    }

    private static func memory(_ subject: Subject) throws -> String {
        let memory = try subject.process.memory()
        return "\(Figure.text(memory.resident, decimals: 1)) MB (PSS \(Figure.text(memory.proportional, decimals: 1)))"
    }

    /// CPU microseconds of one signature over 500 bytes.
    private static func signature() throws -> Double {
        let signer = try BareSigner()
        let message = [UInt8](repeating: 0x61, count: 500)
        let before = CPUTime.ofThisThread
        for _ in 0..<2_000 { try signer.sign(message) }
        return (CPUTime.ofThisThread - before) / 2_000 * 1e6
    }
}

/// Password sign-ins, page included, against the hash alone.
struct PasswordSignIn {
    let options: Options
    let subjects: Subjects

    func measure(into report: inout Report) throws {
        let process = try subjects.server.startAndWait().process
        defer { process.stop() }
        let processors = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        // Twice as many people as processors: one hash is always waiting, none waits long.
        let people = min(options.parallelism, 2 * processors)
        var costs = Pairs()
        var rates = Pairs()
        for _ in 0..<options.rounds {
            let (before, flows) = (try process.cpuSeconds(), Flows(installation: subjects.server))
            let port = subjects.server.port
            let signIns = try LoadGenerator.run(flows: options.signIns, parallelism: people, seconds: options.seconds) {
                number, goesOn throws(Failure) in
                let connection = try HTTPConnection(port: port)
                var browser = Browser(username: "bench\(number)")
                while goesOn() { try flows.signIn(connection, &browser) }
            }
            let cost = (try process.cpuSeconds() - before) / Double(signIns.flows)
            let begun = CPUTime.ofThisProcess
            let hashes = try LoadGenerator.run(
                flows: options.signIns, parallelism: processors, seconds: options.seconds
            ) { _, goesOn throws(Failure) in
                while goesOn() { try BareCrypto.argon2() }
            }
            let bare = (CPUTime.ofThisProcess - begun) / Double(hashes.flows)
            costs.add(server: 1 / cost, floor: 1 / bare)
            rates.add(server: Double(signIns.flows) / signIns.seconds, floor: Double(hashes.flows) / hashes.seconds)
        }
        func text(_ perCPU: Series, _ rate: Series) -> String {
            "\(Figure.text(perCPU.median, decimals: 1)) per CPU s; \(Figure.text(rate.median, decimals: 0))/s seen"
        }
        let range = costs.ratio.range.lowerBound * 100...costs.ratio.range.upperBound * 100
        report.add(
            "password sign-in (3 requests)",
            ratio: "\(Figure.text(costs.ratio.median * 100, decimals: 0)) % (\(Figure.range(range, decimals: 0)))",
            target: "≥ 90 %", server: text(costs.server, rates.server), floor: text(costs.floor, rates.floor))
    }
}

/// Time to the first 200 and memory a second later, with the data of the other parts in place.
struct StartUp {
    let options: Options
    let subjects: Subjects

    func measure(into report: inout Report) throws {
        var times = Pairs()
        var resident = Pairs()
        var proportional = Pairs()
        for _ in 0..<options.starts {
            let (server, floor) = (try start(subjects.server), try start(subjects.answers))
            times.add(server: server.seconds, floor: floor.seconds)
            resident.add(server: server.memory.resident, floor: floor.memory.resident)
            proportional.add(server: server.memory.proportional, floor: floor.memory.proportional)
        }
        func ratio(_ pairs: Pairs) -> String {
            "\(Figure.text(pairs.ratio.median, decimals: 2)) × (\(Figure.range(pairs.ratio.range, decimals: 2)))"
        }
        report.add(
            "start-up to first 200", ratio: ratio(times), target: "< 0.2 s",
            server: "\(Figure.text(times.server.median, decimals: 3)) s",
            floor: "\(Figure.text(times.floor.median, decimals: 3)) s")
        for (name, pairs, target) in [
            ("idle memory, resident", resident, "< 40 MB"), ("idle memory, proportional", proportional, ""),
        ] {
            report.add(
                name, ratio: ratio(pairs), target: target,
                server: "\(Figure.text(pairs.server.median, decimals: 1)) MB",
                floor: "\(Figure.text(pairs.floor.median, decimals: 1)) MB")
        }
    }

    private func start(_ installation: Installation) throws -> (seconds: Double, memory: ChildProcess.Memory) {
        let (process, seconds) = try installation.startAndWait()
        defer { process.stop() }
        sleep(1)
        return (seconds, try process.memory())
    }
}

/// What the kernel has counted, in seconds.
enum CPUTime {
    static var ofThisThread: Double { read(CLOCK_THREAD_CPUTIME_ID) }
    static var ofThisProcess: Double { read(CLOCK_PROCESS_CPUTIME_ID) }

    private static func read(_ clock: clockid_t) -> Double {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
