package import Hummingbird
import HTTPTypes
import NIOCore
package import Storage

/// `/healthz` and `/readyz` on their own port, which is never the one people reach.
///
/// `/healthz` says that the process answers; `/readyz` says that the store answers too, so that a load balancer takes
/// a node out while its database is away without the orchestrator killing it.
package struct OperationsResponder: HTTPResponder {
    package typealias Context = BasicRequestContext

    private let database: any Database

    /// Makes the responder of the operations port.
    package init(database: any Database) {
        self.database = database
    }

    package func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
        guard request.method == .get else { return Self.text("method not allowed\n", .methodNotAllowed) }
        switch request.uri.path {
        case "/healthz": return Self.text("ok\n", .ok)
        case "/readyz": return await readiness()
        default: return Self.text("not found\n", .notFound)
        }
    }

    private func readiness() async -> Response {
        do {
            try await database.read { connection in _ = try connection.execute("SELECT 1") }
            return Self.text("ready\n", .ok)
        } catch {
            return Self.text("the database does not answer\n", .serviceUnavailable)
        }
    }

    private static func text(_ text: String, _ status: HTTPResponse.Status) -> Response {
        Response(
            status: status, headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
