import Glibc

/// Measures a running Gatehouse against what its parts cost by themselves. `README.md` says how to read the result.
@main
enum Benchmarks {
    static func main() async {
        do {
            let arguments = Array(CommandLine.arguments.dropFirst())
            if arguments.first == "floor" { return try await floor(Array(arguments.dropFirst())) }
            try Bench(options: Options(arguments)).run()
        } catch {
            print("benchmarks: \(error)")
            exit(1)
        }
    }

    /// This program as the floor's server; started by ``Installation/floor(_:of:in:work:)``.
    private static func floor(_ arguments: [String]) async throws {
        guard arguments.count == 3, let port = Int(arguments[0]) else {
            throw Failure("floor PORT DIRECTORY work|answer")
        }
        try await FloorServer(port: port, directory: arguments[1], works: arguments[2] == "work").run()
    }
}

/// One run: prepares an installation, measures each part, prints the table.
struct Bench {
    let options: Options

    func run() throws {
        guard let path = unsafe getenv("BIN") else { throw Failure("BIN names no gatehouse binary") }
        let binary = unsafe String(cString: path)
        let directory = try Self.temporaryDirectory()
        print(try ProcessFigures.machine())
        print(
            "\(binary); \(options.rounds) rounds of \(options.flows) flows, \(options.parallelism) browsers at once\n")
        var report = Report()
        if !options.parts.isDisjoint(with: [.oauth, .cas, .password, .start]) {
            try measureSingleSignOn(binary, directory, into: &report)
        }
        if options.parts.contains(.sms) {
            try SMSSignIn(options: options, binary: binary, directory: directory).measure(into: &report)
        }
        if options.parts.contains(.crowd) {
            try Crowd(options: options, binary: binary, directory: directory).measure(into: &report)
        }
        if options.parts.contains(.refusals) {
            try Refusals(options: options, binary: binary, directory: directory).measure(into: &report)
        }
        print(report.text)
        // After a failure it stays: the servers' logs are in there.
        try Self.remove(directory)
    }

    /// The parts that share one installation.
    private func measureSingleSignOn(_ binary: String, _ directory: String, into report: inout Report) throws {
        let subjects = try Subjects(binary: binary, directory: directory, browsers: options.parallelism)
        if !options.parts.isDisjoint(with: [.oauth, .cas]) {
            try SingleSignOn(options: options, subjects: subjects).measure(into: &report)
        }
        if options.parts.contains(.password) {
            try PasswordSignIn(options: options, subjects: subjects).measure(into: &report)
        }
        if options.parts.contains(.start) {
            try StartUp(options: options, subjects: subjects).measure(into: &report)
        }
    }

    /// One for each part that has an installation of its own.
    static func folder(_ name: String, in directory: String) throws(Failure) -> String {
        let path = "\(directory)/\(name)"
        guard unsafe mkdir(path, 0o700) == 0 else { throw Failure("cannot make \(path)") }
        return path
    }

    private static func temporaryDirectory() throws(Failure) -> String {
        let base = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/gatehouse-bench.XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw Failure("cannot make a directory in \(base)") }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func remove(_ directory: String) throws(Failure) {
        let remover = try ChildProcess(["/bin/rm", "-rf", directory], environment: [:], log: "/dev/null")
        try remover.requireSuccess("rm")
    }
}
