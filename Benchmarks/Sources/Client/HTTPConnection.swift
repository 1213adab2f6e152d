import Glibc

/// Something that went wrong while measuring; the run ends with it.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// One keep-alive connection to a server on loopback, blocking: one thread a connection is the cheapest client there
/// is, and its time is not the server's.
@safe
final class HTTPConnection {
    /// For whoever waits for several connections at once.
    let descriptor: Int32
    private var received: [UInt8] = []
    private var chunk = [UInt8](repeating: 0, count: 16_384)

    init(port: UInt16) throws(Failure) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe connect(descriptor, $0, size) }
        }
        guard status == 0 else {
            close(descriptor)
            throw Failure("nothing listens on port \(port)")
        }
        var on: Int32 = 1
        unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { close(descriptor) }

    /// Sends a whole request and waits for the whole answer.
    func exchange(_ request: String) throws(Failure) -> Answer {
        try send(request)
        while true {
            if let answer = try receive() { return answer }
        }
    }

    /// Sends a whole request.
    func send(_ request: String) throws(Failure) {
        received.removeAll(keepingCapacity: true)
        try write(Array(request.utf8))
    }

    /// Waits for the next bytes of the answer.
    /// - Returns: The whole answer, once it is there.
    func receive() throws(Failure) -> Answer? {
        let count = unsafe recv(descriptor, &chunk, chunk.count, 0)
        guard count > 0 else { throw Failure("the server closed the connection") }
        received += chunk[..<count]
        guard let answer = Answer(received), answer.isComplete else { return nil }
        return answer
    }

    private func write(_ bytes: [UInt8]) throws(Failure) {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes[sent...].withUnsafeBufferPointer { rest in
                unsafe Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure("the server closed the connection") }
            sent += count
        }
    }
}

/// An answer as it came over the wire.
struct Answer: Sendable {
    let bytes: [UInt8]
    /// Where the body begins.
    let bodyStart: Int

    /// Nil until the head is there.
    init?(_ bytes: [UInt8]) {
        guard let end = bytes.firstRange(of: "\r\n\r\n", from: 0) else { return nil }
        self.bytes = bytes
        bodyStart = end.upperBound
    }

    var status: Int { Int(String(decoding: bytes[9..<12], as: UTF8.self)) ?? 0 }

    /// Name and value of each field of the head.
    var fields: [(name: String, value: String)] {
        String(decoding: bytes[..<(bodyStart - 4)], as: UTF8.self).split(separator: "\r\n").dropFirst().compactMap {
            guard let colon = $0.firstIndex(of: ":") else { return nil }
            return ($0[..<colon].lowercased(), String($0[colon...].dropFirst(2)))
        }
    }

    func values(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

    var body: ArraySlice<UInt8> { bytes[bodyStart...] }

    /// Every answer that is measured has a length; none comes in chunks.
    var isComplete: Bool {
        guard let field = bytes.firstRange(of: "ontent-", from: 0), field.upperBound < bodyStart else {
            return true
        }
        guard let length = values("content-length").first.flatMap({ Int($0) }) else { return true }
        return bytes.count - bodyStart >= length
    }

    /// The run of letters, digits, `-` and `_` behind a marker: a code, a ticket, a token.
    func word(after marker: String) -> String? {
        bytes.word(after: marker).map { String(decoding: bytes[$0], as: UTF8.self) }
    }
}

extension [UInt8] {
    /// Where a text stands, at or behind an index.
    func firstRange(of text: String, from start: Int) -> Range<Int>? {
        let wanted = [UInt8](text.utf8)
        guard count >= wanted.count, start <= count - wanted.count else { return nil }
        for index in start...(count - wanted.count) where self[index] == wanted[0] {
            if self[index..<(index + wanted.count)].elementsEqual(wanted) { return index..<(index + wanted.count) }
        }
        return nil
    }

    /// Where the run of letters, digits, `-` and `_` behind a marker stands.
    func word(after marker: String) -> Range<Int>? {
        guard let start = firstRange(of: marker, from: 0)?.upperBound else { return nil }
        let end = self[start...].firstIndex { byte in
            !(0x30...0x39).contains(byte) && !(0x61...0x7A).contains(byte | 0x20) && byte != 0x2D && byte != 0x5F
        }
        return start..<(end ?? count)
    }
}
