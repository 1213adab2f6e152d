import Glibc

/// A server under test: started, watched through `/proc`, stopped.
@safe
final class ChildProcess {
    let identifier: pid_t
    private var hasEnded = false

    /// Starts a program; what it prints goes to the end of a file.
    init(_ arguments: [String], environment: [String: String], log: String) throws(Failure) {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for output in [STDOUT_FILENO, STDERR_FILENO] {
            unsafe posix_spawn_file_actions_addopen(&actions, output, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        }
        let program = arguments[0]
        let variables = environment.map { "\($0)=\($1)" }
        var pid: pid_t = 0
        let status = unsafe Self.withCStrings(arguments) { arguments in
            unsafe Self.withCStrings(variables) { variables in
                unsafe posix_spawn(&pid, program, &actions, nil, arguments, variables)
            }
        }
        guard status == 0 else { throw Failure("cannot start \(arguments[0])") }
        identifier = pid
    }

    deinit { stop() }

    private static func withCStrings<T>(
        _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> T
    ) -> T {
        var pointers = unsafe texts.map { unsafe strdup($0) } + [nil]
        defer { unsafe pointers.forEach { unsafe free($0) } }
        return unsafe pointers.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("there is always the closing nil") }
            return unsafe body(base)
        }
    }

    /// Waits for a program that ends by itself.
    func requireSuccess(_ what: String) throws(Failure) {
        var status: Int32 = 0
        unsafe waitpid(identifier, &status, 0)
        hasEnded = true
        guard status == 0 else { throw Failure("\(what) failed") }
    }

    var isRunning: Bool { !hasEnded && kill(identifier, 0) == 0 && !ProcessFigures.isZombie(identifier) }

    /// Asks it to end and waits until it has.
    func stop() {
        guard !hasEnded else { return }
        hasEnded = true
        kill(identifier, SIGTERM)
        var status: Int32 = 0
        for _ in 0..<150 {
            if unsafe waitpid(identifier, &status, WNOHANG) != 0 { return }
            usleep(100_000)
        }
        kill(identifier, SIGKILL)
        unsafe waitpid(identifier, &status, 0)
    }

    /// User and system time of all its threads, ended ones too; seconds, in steps of 10 ms.
    func cpuSeconds() throws(Failure) -> Double {
        let text = try Files.read("/proc/\(identifier)/stat")
        // The program's name is in parentheses and may hold spaces; utime and stime are fields 14 and 15.
        let fields = text.split(separator: ") ").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
            throw Failure("the server has ended")
        }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Memory in megabytes (10⁶ bytes).
    func memory() throws(Failure) -> Memory {
        let status = try Files.read("/proc/\(identifier)/smaps_rollup")
        return Memory(
            resident: ProcessFigures.kibibytes("Rss:", in: status) * 1_024 / 1e6,
            proportional: ProcessFigures.kibibytes("Pss:", in: status) * 1_024 / 1e6)
    }

    /// Forgets the most memory it had until now, so that ``peakMemory()`` tells of what comes.
    func resetPeak() throws(Failure) { try Files.write("5".utf8, to: "/proc/\(identifier)/clear_refs") }

    /// The most memory it had at any moment, resident, in megabytes.
    func peakMemory() throws(Failure) -> Double {
        ProcessFigures.kibibytes("VmHWM:", in: try Files.read("/proc/\(identifier)/status")) * 1_024 / 1e6
    }

    struct Memory: Sendable {
        /// All pages in memory, those shared with other programs too.
        let resident: Double
        /// Shared pages divided among those who share them.
        let proportional: Double
    }
}

/// What `/proc` says.
enum ProcessFigures {
    static func isZombie(_ process: pid_t) -> Bool {
        guard let text = try? Files.read("/proc/\(process)/stat") else { return true }
        return text.split(separator: ") ").last?.first == "Z"
    }

    static func kibibytes(_ name: String, in text: String) -> Double {
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0
    }

    /// Processor, memory, system and how busy it is, in one line.
    static func machine() throws(Failure) -> String {
        let model = try Files.read("/proc/cpuinfo").split(separator: "\n").first { $0.hasPrefix("model name") }
        let name = model?.split(separator: ":").last.map { $0.drop { $0 == " " } } ?? "unknown processor"
        let memory = kibibytes("MemTotal:", in: try Files.read("/proc/meminfo")) / 1_048_576
        let system = try Files.read("/proc/sys/kernel/osrelease").split(separator: "\n").first ?? ""
        let load = try Files.read("/proc/loadavg").split(separator: " ").prefix(2).joined(separator: " ")
        let processors = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        return "\(processors) × \(name), \(Int(memory.rounded())) GiB, Linux \(system), load \(load)"
    }
}

/// Whole files.
enum Files {
    static func read(_ path: String) throws(Failure) -> String {
        String(decoding: try bytes(path), as: UTF8.self)
    }

    static func bytes(_ path: String) throws(Failure) -> [UInt8] {
        let file = unsafe open(path, O_RDONLY)
        guard file >= 0 else { throw Failure("cannot read \(path)") }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe Glibc.read(file, &chunk, chunk.count)
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
    }

    /// Readable by its owner only.
    static func write(_ bytes: some Sequence<UInt8>, to path: String) throws(Failure) {
        let bytes = Array(bytes)
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard file >= 0 else { throw Failure("cannot write \(path)") }
        defer { close(file) }
        guard unsafe Glibc.write(file, bytes, bytes.count) == bytes.count else { throw Failure("cannot write \(path)") }
    }
}
