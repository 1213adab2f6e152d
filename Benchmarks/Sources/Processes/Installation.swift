import Glibc

/// Somebody in the installation.
struct Person: Sendable {
    let username: String
    /// Eleven digits.
    let phone: Int
    /// Nil for somebody who never had a password.
    var passwordHash: String?

    /// People with the password that all of them share, `bench0` and on; hashed once, since hashing is what is measured.
    static func bench(_ count: Int) throws(Failure) -> [Person] {
        let hash = try BareCrypto.argon2Text(of: Installation.password)
        return (0..<count).map { Person(username: "bench\($0)", phone: 13_800_000_000 + $0, passwordHash: hash) }
    }

    /// In an apply file.
    fileprivate var entry: String {
        let password = passwordHash.map { "\n        passwordHash: \"\($0)\"" } ?? ""
        return """
                  - username: \(username)
                    name: 林梅 \(username)
                    phone: "\(phone)"
                    email: \(username)@bench.example
                    employeeID: E\(username)
                    groups: [engineering]
            """ + password
    }
}

/// A server to be measured, the real one or the floor: what it is started with, and where it answers.
struct Installation: Sendable {
    let port: UInt16
    let authority: String
    let directory: String
    let arguments: [String]
    let environment: [String: String]
    /// The OAuth application's client secret.
    let secret: String
    let isFloor: Bool

    var logFile: String { "\(directory)/log" }

    /// The password of everybody who has one.
    static let password = "Correct-Horse-7"

    /// A fresh installation of the real server with two applications and these people.
    /// - Parameter settings: Variables of its environment, for a part that defaults would keep from measuring anything.
    static func gatehouse(
        _ binary: String, in directory: String, people: [Person], settings: [String: String] = [:]
    ) throws(Failure) -> Installation {
        let port = try freePort()
        let installation = Installation(
            port: port, authority: "localhost:\(port)", directory: directory, arguments: [binary, "serve"],
            environment: [
                "GATEHOUSE_DATA_DIRECTORY": "\(directory)/data", "GATEHOUSE_KEYS_DIRECTORY": "\(directory)/keys",
                "GATEHOUSE_HTTP_PORT": "\(port)", "GATEHOUSE_OPERATIONS_PORT": "\(try freePort())",
            ].merging(settings) { $1 },
            secret: try BareCrypto.randomWord(), isFloor: false)
        try Files.write(installation.document(people).utf8, to: "\(directory)/apply.yaml")
        try installation.command(["apply", "-f", "\(directory)/apply.yaml"])
        return installation
    }

    /// Runs a command of the binary on this installation.
    func command(_ words: [String]) throws(Failure) {
        let process = try ChildProcess([arguments[0]] + words, environment: environment, log: logFile)
        try process.requireSuccess("gatehouse \(words.joined(separator: " ")) (see \(logFile))")
    }

    /// The floor: this program again, over a copy of the real server's database and with its answers.
    /// - Parameter work: Whether it runs statements and signs, or only answers.
    static func floor(_ program: String, of real: Installation, in directory: String, work: Bool) throws(Failure)
        -> Installation
    {
        let port = try freePort()
        return Installation(
            port: port, authority: "localhost:\(port)", directory: directory,
            arguments: [program, "floor", "\(port)", directory, work ? "work" : "answer"],
            environment: [:], secret: real.secret, isFloor: true)
    }

    func start() throws(Failure) -> ChildProcess {
        try ChildProcess(arguments, environment: environment, log: logFile)
    }

    /// Starts the server and waits for its first 200.
    /// - Returns: The seconds from before the process to after the answer.
    func startAndWait() throws(Failure) -> (process: ChildProcess, seconds: Double) {
        let started = ContinuousClock.now
        let process = try start()
        let flows = Flows(installation: self)
        while true {
            if let connection = try? HTTPConnection(port: port),
                let answer = try? flows.get(connection, "/.well-known/openid-configuration"), answer.status == 200
            {
                return (process, (ContinuousClock.now - started).inSeconds)
            }
            guard process.isRunning, ContinuousClock.now - started < .seconds(30) else {
                throw Failure("\(arguments[0]) did not start; see \(logFile)")
            }
            usleep(500)
        }
    }

    private func document(_ people: [Person]) -> String {
        return """
            tenants:
              - code: bench
                name: Bench
                issuer: http://\(authority)
                groups: [engineering]
                users:
            \(people.map(\.entry).joined(separator: "\n"))
                applications:
                  - slug: oauth-app
                    name: OAuth application
                    protocol: oauth
                    clientID: bench-oauth
                    clientSecret: \(secret)
                    idTokenAlgorithm: ES256
                    redirectURIs: ["http://127.0.0.1:9/callback"]
                    access: everyone
                  - slug: cas-app
                    name: CAS application
                    protocol: cas
                    services: ["http://127.0.0.1:9/cas/sign-in"]
                    attributes:
                      - { name: name, attribute: name }
                      - { name: mail, attribute: email }
                      - { name: employeeNumber, attribute: employeeID }
                      - { name: memberOf, attribute: groups }
                    access: everyone

            """
    }

    /// A port that nobody has at this moment.
    private static func freePort() throws(Failure) -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(descriptor, pointer, size) == 0 && getsockname(descriptor, pointer, &size) == 0
            }
        }
        guard status else { throw Failure("there is no free port") }
        return UInt16(bigEndian: address.sin_port)
    }
}
