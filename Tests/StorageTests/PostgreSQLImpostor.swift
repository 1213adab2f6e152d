import Dispatch
import Glibc
import Synchronization

/// Speaks as much of PostgreSQL's protocol as the adapter asks for, and misbehaves at the statements it is told to
/// (version 3, https://www.postgresql.org/docs/current/protocol-message-formats.html).
final class PostgreSQLImpostor: Sendable {
    /// What it does when a statement arrives.
    enum Answer: Sendable {
        case success, silence
        /// An error that ends the connection, with this SQLSTATE; nothing follows it.
        case fatal(String)
        /// A message that does not exist.
        case nonsense
        case hangUp
    }

    let port: UInt16
    private let listener: Int32
    private let connections = Mutex(0)
    private let answering: @Sendable (Int, String) -> Answer

    /// - Parameter answering: Is asked with the number of the connection, from 0, and the statement.
    init(answering: @escaping @Sendable (Int, String) -> Answer) throws {
        self.answering = answering
        (listener, port) = try Sockets.listener()
        DispatchQueue(label: "impostor").async { self.accept() }
    }

    var url: String { "postgresql://u@127.0.0.1:\(port)/db?sslmode=disable&gssencmode=disable" }

    /// How many connections there have been.
    var connectionCount: Int { connections.withLock { $0 } }

    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func accept() {
        while true {
            let socket = Glibc.accept(listener, nil, nil)
            guard socket >= 0 else { break }
            let number = connections.withLock { count in
                count += 1
                return count - 1
            }
            // Blocks, so it has a thread of its own.
            DispatchQueue(label: "impostor.\(number)").async {
                _ = self.serve(number, Peer(socket))
                close(socket)
            }
        }
        close(listener)
    }

    /// Returns when the connection is over.
    private func serve(_ number: Int, _ peer: Peer) -> Void? {
        guard let length = peer.number(), peer.bytes(length - 4) != nil else { return nil }
        peer.send("R", Bytes().number(0))
        for (name, value) in [
            ("server_version", "15.0"), ("server_encoding", "UTF8"), ("client_encoding", "UTF8"),
            ("default_transaction_read_only", "off"), ("in_hot_standby", "off"), ("standard_conforming_strings", "on"),
        ] { peer.send("S", Bytes().text(name).text(value)) }
        peer.ready()
        var prepared: [String: String] = [:]
        var running: String?
        while let type = peer.bytes(1)?.first, let length = peer.number(), let body = peer.bytes(length - 4) {
            let texts = body.split(separator: 0, omittingEmptySubsequences: false).prefix(2)
                .map { String(decoding: $0, as: UTF8.self) }
            switch Character(Unicode.Scalar(type)) {
            case "Q": guard answer(texts[0], of: number, to: peer) else { return nil }
            case "P":
                prepared[texts[0]] = texts[1]
                peer.send("1")
            case "B": running = prepared[texts[1]]
            case "S":
                guard let statement = running else {
                    peer.ready()
                    break
                }
                running = nil
                peer.send("2")
                peer.send("n")
                guard answer(statement, of: number, to: peer) else { return nil }
            case "X": return nil
            default: break
            }
        }
        return nil
    }

    /// - Returns: Whether the connection goes on.
    private func answer(_ statement: String, of number: Int, to peer: Peer) -> Bool {
        switch answering(number, statement) {
        case .success: succeed(statement, peer)
        case .silence: return true
        case .fatal(let state):
            peer.send("E", Bytes().text("SFATAL").text("VFATAL").text("C\(state)").text("Mended").text(""))
            peer.ready()
        case .nonsense:
            peer.send("?")
            peer.ready()
        case .hangUp: return false
        }
        return true
    }

    /// The one query it has rows for is the adapter's question in which order it sorts.
    private func succeed(_ statement: String, _ peer: Peer) {
        if statement.hasPrefix("SELECT v FROM (VALUES") {
            let values = statement.split(separator: "'").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
            peer.send("T", Bytes().short(1).text("v").number(0).short(0).number(25).short(-1).number(-1).short(0))
            for value in values.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
                peer.send("D", Bytes().short(1).number(value.utf8.count).raw(Array(value.utf8)))
            }
        }
        peer.send("C", Bytes().text(String(statement.prefix { $0 != " " })))
        peer.ready()
    }
}

/// The body of a message.
private struct Bytes {
    private(set) var all: [UInt8] = []

    func raw(_ bytes: [UInt8]) -> Bytes {
        var copy = self
        copy.all += bytes
        return copy
    }

    func text(_ text: String) -> Bytes { raw(Array(text.utf8) + [0]) }

    func short(_ number: Int) -> Bytes { raw([8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }) }

    func number(_ number: Int) -> Bytes {
        raw([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) })
    }
}

/// One connection, read and written by blocking calls.
private struct Peer {
    private let socket: Int32

    init(_ socket: Int32) {
        self.socket = socket
    }

    /// Exactly this many bytes; nil at the end of the connection.
    func bytes(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let read = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe recv(socket, buffer.baseAddress.map { unsafe $0 + filled }, count - filled, 0)
            }
            guard read > 0 else { return nil }
            filled += read
        }
        return bytes
    }

    func number() -> Int? { bytes(4).map { $0.reduce(0) { $0 << 8 | Int($1) } } }

    func send(_ type: Character, _ body: Bytes = Bytes()) {
        let message = Array(String(type).utf8) + Bytes().number(body.all.count + 4).all + body.all
        _ = unsafe Glibc.send(socket, message, message.count, Int32(MSG_NOSIGNAL))
    }

    func ready() { send("Z", Bytes().raw(Array("I".utf8))) }
}

/// Sockets on this machine only.
enum Sockets {
    struct Unavailable: Error {}

    /// A listener on a free port; whoever connects is accepted by the kernel.
    static func listener() throws -> (Int32, UInt16) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = unsafe withUnsafeMutablePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(listener, address, length) == 0 && listen(listener, 8) == 0
                    && getsockname(listener, address, &length) == 0
            }
        }
        guard bound else { throw Unavailable() }
        return (listener, UInt16(bigEndian: address.sin_port))
    }
}
