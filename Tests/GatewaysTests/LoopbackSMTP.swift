import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import Wire

/// A mail server on loopback (RFC 5321, RFC 3207, RFC 4954) that remembers what it was told.
final class LoopbackSMTP: Sendable {
    /// How it behaves.
    struct Manner: Sendable {
        var tls: NIOSSLContext?
        /// TLS from the first byte instead of after `STARTTLS`.
        var isImplicit = false
        var login: (name: String, password: String)?
        /// Replies to commands in place of the usual ones, by the command's first word.
        var replies: [String: String] = [:]
        /// Never says a word.
        var isSilent = false
    }

    /// What a client said, over all connections.
    struct Heard: Equatable, Sendable {
        var commands: [String] = []
        /// What was said in the clear.
        var open: [String] = []
        var message = ""
    }

    let port: Int
    private let channel: any Channel
    private let box: Box

    var heard: Heard { box.heard.withLock { $0 } }

    private final class Box: Sendable {
        let heard = Mutex(Heard())
    }

    private init(_ channel: any Channel, _ box: Box) {
        self.channel = channel
        self.box = box
        port = channel.localAddress?.port ?? 0
    }

    /// Runs `body` with a server that listens, and stops it afterwards.
    static func run(_ manner: Manner, _ body: (LoopbackSMTP) async throws -> Void) async throws {
        let box = Box()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if manner.isImplicit, let tls = manner.tls {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
                    }
                    try channel.pipeline.syncOperations.addHandler(Talk(manner, box))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do { try await body(LoopbackSMTP(channel, box)) } catch {
            try await channel.close()
            throw error
        }
        try await channel.close()
    }

    /// One connection.
    private final class Talk: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let manner: Manner
        private let box: Box
        private var pending = ""
        private var isInMessage = false
        private var awaitsLogin = false
        private var isEncrypted: Bool

        init(_ manner: Manner, _ box: Box) {
            self.manner = manner
            self.box = box
            isEncrypted = manner.isImplicit
        }

        func channelActive(context: ChannelHandlerContext) {
            if !manner.isSilent { say("220 loopback", context) }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            pending += String(buffer: unwrapInboundIn(data))
            while let end = pending.firstRange(of: "\r\n") {
                let line = String(pending[..<end.lowerBound])
                pending.removeSubrange(..<end.upperBound)
                hear(line, context)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        private func say(_ line: String, _ context: ChannelHandlerContext) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: line + "\r\n")), promise: nil)
        }

        private func hear(_ line: String, _ context: ChannelHandlerContext) {
            guard !isInMessage else { return read(line, context) }
            if awaitsLogin { return authenticate(line, context) }
            box.heard.withLock { heard in
                heard.commands.append(line)
                if !isEncrypted { heard.open.append(line) }
            }
            let word = line.prefix { $0 != " " && $0 != ":" }.uppercased()
            if let reply = manner.replies[word] { return say(reply, context) }
            switch word {
            case "EHLO":
                say("250-loopback", context)
                if manner.tls != nil, !isEncrypted { say("250-STARTTLS", context) }
                say(manner.login == nil ? "250 8BITMIME" : "250 AUTH PLAIN", context)
            case "STARTTLS": encrypt(context)
            case "AUTH":
                awaitsLogin = true
                say("334 ", context)
            case "DATA":
                isInMessage = true
                say("354 go on", context)
            case "QUIT":
                say("221 bye", context)
                context.close(promise: nil)
            default: say("250 ok", context)
            }
        }

        private func read(_ line: String, _ context: ChannelHandlerContext) {
            guard line == "." else {
                return box.heard.withLock { $0.message += line + "\r\n" }
            }
            isInMessage = false
            say(manner.replies["."] ?? "250 taken", context)
        }

        private func encrypt(_ context: ChannelHandlerContext) {
            guard let tls = manner.tls else { return say("502 no", context) }
            say("220 go on", context)
            isEncrypted = true
            try? context.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls), position: .first)
        }

        private func authenticate(_ line: String, _ context: ChannelHandlerContext) {
            let expected = manner.login.map { Base64.encode(Array("\0\($0.name)\0\($0.password)".utf8)) }
            awaitsLogin = false
            say(line == expected ? "235 welcome" : "535 no", context)
        }
    }
}
