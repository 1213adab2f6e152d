package import Gateways
package import Logging
import ServiceLifecycle

/// Hands SMS messages to the gateway after the answer has been given, so that a page answers in the same time
/// whether a message is sent or not (peers' class 19).
///
/// The queue is bounded and in memory: a message that is lost in a crash is sent again when the person asks again;
/// its code is stored only as a hash, so it could not be sent later anyway.
package struct SMSDispatch: Service {
    private let gateway: any SMSGateway
    private let logger: Logger
    private let queue: AsyncStream<SMSMessage>
    private let entrance: AsyncStream<SMSMessage>.Continuation
    /// Messages under way at once; a gateway answers in about a second.
    private let parallelism: Int

    /// Makes a dispatch for one gateway.
    package init(gateway: any SMSGateway, logger: Logger, capacity: Int = 1_000, parallelism: Int = 8) {
        self.gateway = gateway
        self.logger = logger
        self.parallelism = parallelism
        (queue, entrance) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(capacity))
    }

    /// Takes a message over; a full queue drops it with a log line, since the person can ask again.
    package func enqueue(_ message: SMSMessage) {
        if case .dropped = entrance.yield(message) {
            logger.error("SMS queue is full, a message was dropped")
        }
    }

    /// Sends until graceful shutdown, then sends what is left.
    package func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                var underWay = 0
                for await message in queue {
                    if underWay == parallelism {
                        await group.next()
                        underWay -= 1
                    }
                    group.addTask { await send(message) }
                    underWay += 1
                }
            }
        } onGracefulShutdown: {
            entrance.finish()
        }
    }

    private func send(_ message: SMSMessage) async {
        do {
            try await gateway.send(message)
        } catch {
            logger.error(
                "SMS not delivered",
                metadata: ["purpose": .string(message.purpose), "error": .string("\(type(of: error))")])
        }
    }
}

extension SMSDispatch: CustomStringConvertible {
    /// What the service group logs by; it would print everything in here otherwise.
    package var description: String { "SMS dispatch" }
}
