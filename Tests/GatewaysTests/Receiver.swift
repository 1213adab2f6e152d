import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// An HTTP server on loopback that remembers what it was sent and answers as it was told.
final class Receiver: Sendable {
    struct Received: Equatable, Sendable {
        var method: String
        var uri: String
        var headers: [String: String]
        var body: String
    }

    enum Answer: Sendable {
        case status(Int, [(String, String)] = [], String = "")
        /// What the closure says when it has seen the request.
        indirect case deciding(@Sendable (Received) -> Answer)
        /// Takes the request and never answers.
        case silence
        /// A head, and then one byte every 50 ms for ever, without a length.
        case drip
    }

    private let log = Mutex<[Received]>([])
    private let answer: Answer
    let port: Int
    private let channel: any Channel

    var received: [Received] { log.withLock { $0 } }

    private init(_ answer: Answer, channel: any Channel) {
        self.answer = answer
        self.channel = channel
        self.port = channel.localAddress?.port ?? 0
    }

    /// Runs `body` with a receiver that listens, and stops it afterwards.
    @discardableResult
    static func run<T>(
        _ answer: Answer, tls: NIOSSLContext? = nil, _ body: (Receiver) async throws -> T
    ) async throws -> T {
        // The handlers need the receiver, which needs the port that binding gives.
        let box = Box()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Exchange(box))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let receiver = Receiver(answer, channel: channel)
        box.receiver.withLock { $0 = receiver }
        let result = await Result { try await body(receiver) }
        try await channel.close()
        return try result.get()
    }

    private final class Box: Sendable {
        let receiver = Mutex<Receiver?>(nil)
    }

    /// One connection.
    private final class Exchange: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let box: Box
        private var head: HTTPRequestHead?
        private var body = ""

        init(_ box: Box) { self.box = box }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): self.head = head
            case .body(let part): body += String(buffer: part)
            case .end: answer(context)
            }
        }

        private func answer(_ context: ChannelHandlerContext) {
            guard let head, let receiver = box.receiver.withLock({ $0 }) else { return }
            let headers = Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) { "\($0), \($1)" }
            let received = Received(method: head.method.rawValue, uri: head.uri, headers: headers, body: body)
            receiver.log.withLock { $0.append(received) }
            body = ""
            answer(received, receiver.answer, context)
        }

        private func answer(_ received: Received, _ answer: Answer, _ context: ChannelHandlerContext) {
            switch answer {
            case .deciding(let decide): self.answer(received, decide(received), context)
            case .silence: break
            case .status(let status, let headers, let text): send(context, status, headers, text)
            case .drip: drip(context)
            }
        }

        private func send(
            _ context: ChannelHandlerContext, _ status: Int, _ headers: [(String, String)], _ text: String
        ) {
            var fields = HTTPHeaders(headers)
            if !fields.contains(name: "transfer-encoding") {
                fields.add(name: "content-length", value: "\(text.utf8.count)")
            }
            let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: fields)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }

        private func drip(_ context: ChannelHandlerContext) {
            let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["transfer-encoding": "chunked"])
            context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
            let channel = context.channel
            context.eventLoop.scheduleRepeatedTask(initialDelay: .milliseconds(50), delay: .milliseconds(50)) { task in
                guard channel.isActive else { return task.cancel() }
                channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: "."))), promise: nil)
            }
        }
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
