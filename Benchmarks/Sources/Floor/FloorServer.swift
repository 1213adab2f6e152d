import Glibc
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// The least that a server on the same HTTP library can do: answer the recorded bytes, with a fresh code, token or
/// ticket in them, after the same statements and the same signature.
struct FloorServer: Sendable {
    private let responder: FloorResponder
    private let port: Int

    /// - Parameters:
    ///   - directory: Holds `gatehouse.db` and one recorded answer a step.
    ///   - works: False: statements and signatures are left out, which is what HTTP alone costs.
    init(port: Int, directory: String, works: Bool) throws(Failure) {
        var answers: [Step: FloorAnswer] = [:]
        // Those that were recorded: of single sign-on, or of signing in.
        for step in Step.allCases where unsafe access("\(directory)/\(step.rawValue)", R_OK) == 0 {
            answers[step] = try FloorAnswer(step, in: directory)
        }
        let token = answers[.token]?.wordLength(after: "\"id_token\":\"") ?? 0
        let steps = works ? try FloorSteps(path: "\(directory)/gatehouse.db", messageLength: token) : nil
        responder = FloorResponder(answers: answers, steps: steps)
        self.port = port
    }

    /// Runs until SIGTERM.
    func run() async throws {
        var logger = Logger(label: "floor")
        logger.logLevel = .error
        let application = Application(
            responder: responder, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)),
            logger: logger)
        try await application.runService()
    }
}

/// One recorded answer, cut open where its code, token or ticket stands.
struct FloorAnswer: Sendable {
    let step: Step
    private let status: HTTPResponse.Status
    private let fields: HTTPFields
    private let before: [UInt8]
    private let after: [UInt8]
    private let wordLength: Int

    init(_ step: Step, in directory: String) throws(Failure) {
        guard let answer = Answer(try Files.bytes("\(directory)/\(step.rawValue)")) else {
            throw Failure("there is no recorded answer of \(step)")
        }
        self.step = step
        status = HTTPResponse.Status(code: answer.status)
        // Hummingbird adds these two itself.
        let own = answer.fields.filter { $0.name != "content-length" && $0.name != "date" && $0.name != "location" }
        var fields = HTTPFields()
        for (name, value) in own { fields.append(HTTPField(name: HTTPField.Name(name) ?? .server, value: value)) }
        self.fields = fields
        let text = Array(answer.values("location").first?.utf8 ?? "".utf8) + answer.body
        let word = step.marker.flatMap { text.word(after: $0) } ?? text.count..<text.count
        before = Array(text[..<word.lowerBound])
        after = Array(text[word.upperBound...])
        wordLength = word.count
    }

    func wordLength(after marker: String) -> Int { after.word(after: marker)?.count ?? 0 }

    /// A new code, token or ticket; empty for an answer that has none.
    func freshWord() throws(Failure) -> String { wordLength == 0 ? "" : try BareCrypto.randomWord(wordLength) }

    /// The recorded answer with this word in it.
    func response(_ word: String) -> Response {
        guard status == .seeOther else {
            var body = ByteBuffer()
            body.reserveCapacity(before.count + wordLength + after.count)
            body.writeBytes(before)
            body.writeString(word)
            body.writeBytes(after)
            return Response(status: status, headers: fields, body: ResponseBody(byteBuffer: body))
        }
        var headers = fields
        headers[.location] = String(decoding: before, as: UTF8.self) + word + String(decoding: after, as: UTF8.self)
        return Response(status: status, headers: headers)
    }
}

/// Finds the step of a request and does it.
struct FloorResponder: HTTPResponder {
    let answers: [Step: FloorAnswer]
    let steps: FloorSteps?

    func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
        let target = request.head.path ?? "/"
        let form =
            request.method == .post ? Array(try await request.body.collect(upTo: 65_536).readableBytesView) : []
        let step = Step(path: target.prefix { $0 != "?" }, form: form)
        guard let answer = step.flatMap({ answers[$0] }) else { return Response(status: .ok) }
        let word = try answer.freshWord()
        switch answer.step {
        case .authorize: try await steps?.authorize(code: word)
        case .token: try await steps?.token(code: Self.word(after: "code=", in: form), access: word)
        case .userInfo:
            try steps?.userInfo(access: String(request.headers[.authorization]?.dropFirst("Bearer ".count) ?? ""))
        case .casLogin: try await steps?.casLogin(ticket: word)
        case .casValidate:
            try await steps?.casValidate(ticket: Self.word(after: "ticket=", in: Array(target.utf8)))
        case .portal: try await steps?.portal(interaction: word)
        case .signInPage: try steps?.signInPage(interaction: Self.word(after: "i=", in: Array(target.utf8)))
        case .askCode, .enterCode:
            let interaction = Self.word(after: "&i=", in: form)
            let phone = Int(Self.word(after: "&phone=", in: form)) ?? 0
            if answer.step == .askCode {
                try await steps?.askCode(interaction: interaction, phone: phone)
            } else {
                try await steps?.enterCode(interaction: interaction, phone: phone)
            }
        }
        return answer.response(word)
    }

    private static func word(after marker: String, in bytes: [UInt8]) -> String {
        bytes.word(after: marker).map { String(decoding: bytes[$0], as: UTF8.self) } ?? ""
    }
}
