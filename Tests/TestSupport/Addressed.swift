import HTTPTypes
import Hummingbird
import NIOCore
import NIOEmbedded
import Server

/// The front door as a socket would reach it: HummingbirdTesting's router client has neither a `Host` nor a peer, so
/// two header fields of our own say them, and are taken away again.
struct Addressed: HTTPResponder {
    typealias Context = BasicRequestContext

    let door: FrontDoor

    func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
        var head = request.head
        head.authority = head.headerFields[.testAuthority]
        let channel = NIOAsyncTestingChannel()
        channel.remoteAddress = try head.headerFields[.testPeer].map { try SocketAddress(ipAddress: $0, port: 40_000) }
        head.headerFields[.testAuthority] = nil
        head.headerFields[.testPeer] = nil
        return try await door.respond(
            to: Request(head: head, body: request.body),
            context: ConnectionContext(
                source: ApplicationRequestContextSource(channel: channel, logger: context.logger)))
    }
}

extension HTTPField.Name {
    static var testAuthority: HTTPField.Name { known("X-Test-Authority") }
    static var testPeer: HTTPField.Name { known("X-Test-Peer") }

    private static func known(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("not a field name") }
        return name
    }
}
