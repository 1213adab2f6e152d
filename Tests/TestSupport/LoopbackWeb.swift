import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Synchronization

/// A web server on loopback that answers every request alike, or not at all.
package final class LoopbackWeb: Sendable {
    package enum Answer: Sendable {
        case status(Int, location: String? = nil, body: String = "")
        /// The content of a file, by its path; 404 for other paths.
        case files(@Sendable (_ path: String) -> String?)
        /// Takes requests and never answers.
        case silence
    }

    private final class Paths: Sendable {
        let list = Mutex<[String]>([])
    }

    private let asked: Paths
    /// Such as `http://127.0.0.1:50000`.
    package let origin: String

    /// The path of every request that came, oldest first.
    package var paths: [String] { asked.list.withLock { $0 } }

    private init(port: Int, asked: Paths) {
        self.asked = asked
        origin = "http://127.0.0.1:\(port)"
    }

    /// Runs `body` with a server that listens, and stops it afterwards.
    @discardableResult
    package static func run<T: Sendable>(
        _ answer: Answer, _ body: @escaping @Sendable (LoopbackWeb) async throws -> T
    ) async throws -> T {
        // Whoever is to wait for ever is let go when the test is over.
        let (end, finish) = AsyncStream<Never>.makeStream()
        let paths = Paths()
        let responder = CallbackResponder<BasicRequestContext> { request, _ in
            paths.list.withLock { $0.append(request.uri.path) }
            if case .silence = answer { for await _ in end {} }
            return Self.response(answer, request.uri.path)
        }
        let application = Application(
            responder: responder, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        return try await application.test(.live) { client in
            defer { finish.finish() }
            return try await body(LoopbackWeb(port: client.port ?? 0, asked: paths))
        }
    }

    private static func response(_ answer: Answer, _ path: String) -> Response {
        switch answer {
        case .status(let status, let location, let body): response(status, location, body)
        case .files(let files):
            if let content = files(path) { response(200, nil, content) } else { response(404, nil, "no such file") }
        case .silence: response(503, nil, "")
        }
    }

    private static func response(_ status: Int, _ location: String?, _ body: String) -> Response {
        var fields = HTTPFields()
        fields[.location] = location
        return Response(
            status: .init(code: status), headers: fields, body: .init(byteBuffer: ByteBuffer(string: body)))
    }
}
