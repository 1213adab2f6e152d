import NIOCore
import NIOPosix
import Synchronization

/// A name server on loopback, over UDP and TCP, that answers as it is told, also what no name server would.
package final class LoopbackDNS: Sendable {
    /// What was asked.
    package struct Question: Equatable, Sendable {
        package let id: UInt16
        /// As it was asked, without a final dot.
        package let name: String
        package let type: UInt16
        /// Whether it came over TCP, as after an answer that was cut short.
        package let isStream: Bool
        /// Name, type and class as they came.
        let section: [UInt8]

        /// - Parameter message: A query as resolvers make it: one question, its name not compressed.
        package init?(_ message: [UInt8], isStream: Bool) {
            var labels: [String] = []
            var place = 12
            while place < message.count, message[place] != 0 {
                let end = place + 1 + Int(message[place])
                guard end < message.count else { return nil }
                labels.append(String(decoding: message[place + 1..<end], as: UTF8.self))
                place = end
            }
            guard message.count >= place + 5 else { return nil }
            id = UInt16(message[0]) << 8 | UInt16(message[1])
            name = labels.joined(separator: ".")
            type = UInt16(message[place + 1]) << 8 | UInt16(message[place + 2])
            section = Array(message[12..<place + 5])
            self.isStream = isStream
        }

        /// A whole answer.
        /// - Parameters:
        ///   - flags: The second two bytes; that of a recursive server without error where nothing is said.
        ///   - records: Each as ``LoopbackDNS/record(_:type:class:data:)`` makes it.
        package func answer(
            id: UInt16? = nil, flags: UInt16 = 0x8180, question: [UInt8]? = nil, _ records: [[UInt8]]
        ) -> [UInt8] {
            LoopbackDNS.bytes([id ?? self.id, flags, 1, UInt16(records.count), 0, 0])
                + (question ?? section) + records.flatMap(\.self)
        }
    }

    private let asked = Mutex<[Question]>([])
    package let port: Int

    /// Every question that came, oldest first.
    package var questions: [Question] { asked.withLock { $0 } }

    private init(port: Int) {
        self.port = port
    }

    /// Runs `body` with a server that listens, and stops it afterwards.
    /// - Parameter answer: The messages that go back, none for silence; over TCP only the first does.
    @discardableResult
    package static func run<T>(
        _ answer: @escaping @Sendable (Question) -> [[UInt8]], _ body: (LoopbackDNS) async throws -> T
    ) async throws -> T {
        let group = MultiThreadedEventLoopGroup.singleton
        let exchange = Exchange(answer)
        let streams = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Stream(exchange))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = streams.localAddress?.port ?? 0
        let datagrams = try await DatagramBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Datagrams(exchange))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        let server = LoopbackDNS(port: port)
        exchange.server.withLock { $0 = server }
        let outcome: Result<T, any Error>
        do { outcome = .success(try await body(server)) } catch { outcome = .failure(error) }
        try await datagrams.close()
        try await streams.close()
        return try outcome.get()
    }

    // MARK: Messages

    /// One resource record (RFC 1035 §4.1.3).
    /// - Parameters:
    ///   - owner: A name in wire form.
    ///   - type: 5 is CNAME.
    package static func record(_ owner: [UInt8], type: UInt16 = 5, class: UInt16 = 1, data: [UInt8]) -> [UInt8] {
        owner + bytes([type, `class`, 0, 60, UInt16(data.count)]) + data
    }

    /// A CNAME record.
    package static func alias(_ owner: String, _ target: String) -> [UInt8] {
        record(name(owner), data: name(target))
    }

    /// A name in wire form, not compressed.
    package static func name(_ text: String) -> [UInt8] {
        text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
    }

    /// Numbers of two bytes in network order.
    package static func bytes(_ numbers: [UInt16]) -> [UInt8] {
        numbers.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    }

    // MARK: Sockets

    private final class Exchange: Sendable {
        let server = Mutex<LoopbackDNS?>(nil)
        private let answer: @Sendable (Question) -> [[UInt8]]

        init(_ answer: @escaping @Sendable (Question) -> [[UInt8]]) {
            self.answer = answer
        }

        func answers(to message: [UInt8], isStream: Bool) -> [[UInt8]] {
            guard let question = Question(message, isStream: isStream) else { return [] }
            server.withLock { $0 }?.asked.withLock { $0.append(question) }
            return answer(question)
        }
    }

    private final class Datagrams: ChannelInboundHandler {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>
        typealias OutboundOut = AddressedEnvelope<ByteBuffer>

        private let exchange: Exchange

        init(_ exchange: Exchange) { self.exchange = exchange }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let envelope = unwrapInboundIn(data)
            for answer in exchange.answers(to: Array(envelope.data.readableBytesView), isStream: false) {
                let reply = AddressedEnvelope(remoteAddress: envelope.remoteAddress, data: ByteBuffer(bytes: answer))
                context.writeAndFlush(wrapOutboundOut(reply), promise: nil)
            }
        }
    }

    /// Every message with its length before it (RFC 1035 §4.2.2).
    private final class Stream: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let exchange: Exchange
        private var received: [UInt8] = []

        init(_ exchange: Exchange) { self.exchange = exchange }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            received += Array(unwrapInboundIn(data).readableBytesView)
            guard received.count >= 2 else { return }
            let length = Int(received[0]) << 8 | Int(received[1])
            guard received.count >= 2 + length else { return }
            let message = Array(received[2..<2 + length])
            received = []
            guard let answer = exchange.answers(to: message, isStream: true).first else { return }
            let reply = LoopbackDNS.bytes([UInt16(answer.count)]) + answer
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: reply)), promise: nil)
        }
    }
}
