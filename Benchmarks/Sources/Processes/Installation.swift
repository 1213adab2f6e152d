import Glibc

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

    /// The password of every user; hashed once, since hashing is what is measured.
    static let password = "Correct-Horse-7"

    /// A fresh installation of the real server with two applications and one user a browser.
    static func gatehouse(_ binary: String, in directory: String, users: Int) throws(Failure) -> Installation {
        let port = try freePort()
        let installation = Installation(
            port: port, authority: "localhost:\(port)", directory: directory, arguments: [binary, "serve"],
            environment: [
                "GATEHOUSE_DATA_DIRECTORY": "\(directory)/data", "GATEHOUSE_KEYS_DIRECTORY": "\(directory)/keys",
                "GATEHOUSE_HTTP_PORT": "\(port)", "GATEHOUSE_OPERATIONS_PORT": "\(try freePort())",
            ],
            secret: try BareCrypto.randomWord(), isFloor: false)
        try Files.write(try installation.document(users: users).utf8, to: "\(directory)/apply.yaml")
        let apply = try ChildProcess(
            [binary, "apply", "-f", "\(directory)/apply.yaml"], environment: installation.environment,
            log: installation.logFile)
        try apply.requireSuccess("gatehouse apply (see \(installation.logFile))")
        return installation
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

    private func document(users: Int) throws(Failure) -> String {
        let hash = try BareCrypto.argon2Text(of: Self.password)
        let people = (0..<users).map { number in
            """
                  - username: bench\(number)
                    name: 林梅 \(number)
                    phone: "\(13_800_138_000 + number)"
                    email: bench\(number)@bench.example
                    employeeID: E\(1_000 + number)
                    groups: [engineering]
                    passwordHash: "\(hash)"
            """
        }
        return """
            tenants:
              - code: bench
                name: Bench
                issuer: http://\(authority)
                groups: [engineering]
                users:
            \(people.joined(separator: "\n"))
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
