import CCurl
import FoundationEssentials

/// One message on its way to a mail server, by libcurl; blocks.
struct SMTPTransfer: Sendable {
    let settings: SMTPMailGateway.Settings
    let outgoing: OutboundHTTP.Settings
    /// Where the server's name leads, as text.
    let addresses: [String]
    let receiver: MailAddress
    let bytes: [UInt8]

    private static let isReady = CCurl_start() == CURLE_OK

    /// Sends it.
    /// - Throws: ``MailError``.
    func run() throws(MailError) {
        guard Self.isReady, let handle = unsafe curl_easy_init() else { throw .unavailable(reason: "out of memory") }
        let transfer = unsafe Transfer(handle: handle, bytes: bytes)
        defer { transfer.close() }
        configure(transfer)
        guard transfer.isInOrder else { throw .unavailable(reason: "out of memory") }
        let result = transfer.perform()
        guard result != CURLE_OK else { return }
        throw Self.error(result, reply: transfer.replyCode)
    }

    private func configure(_ transfer: Transfer) {
        let server = settings.server
        let scheme = server.protection == .implicit ? "smtps" : "smtp"
        // What stands behind the slash is the name in EHLO; this machine's own would tell about the inside.
        transfer.set(CURLOPT_URL, "\(scheme)://\(server.host):\(server.port)/\(settings.from.domain)")
        transfer.set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        // Variables of the environment that name a proxy are not for us.
        transfer.set(CURLOPT_PROXY, "")
        transfer.set(
            CURLOPT_USE_SSL, Int((server.protection == .ifOffered ? CURLUSESSL_TRY : CURLUSESSL_ALL).rawValue))
        transfer.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        transfer.setCertificates(outgoing.trustedCertificates)
        // A signal would end the process's other calls.
        transfer.set(CURLOPT_NOSIGNAL, 1)
        transfer.set(CURLOPT_CONNECTTIMEOUT_MS, Int(outgoing.connectTimeout * 1_000))
        transfer.set(CURLOPT_TIMEOUT_MS, Int(outgoing.requestTimeout * 1_000))
        if let login = settings.login {
            transfer.set(CURLOPT_USERNAME, login.name)
            transfer.set(CURLOPT_PASSWORD, login.password)
        }
        transfer.set(CURLOPT_MAIL_FROM, "<\(settings.from.text)>")
        transfer.set(CURLOPT_MAIL_RCPT, list: "<\(receiver.text)>")
        transfer.set(
            CURLOPT_RESOLVE, list: "\(server.host):\(server.port):\(addresses.joined(separator: ","))")
        transfer.set(CURLOPT_UPLOAD, 1)
        transfer.read()
    }

    private static func error(_ result: CURLcode, reply: Int) -> MailError {
        switch result {
        case CURLE_LOGIN_DENIED: return .misconfigured(reason: "login refused")
        case CURLE_USE_SSL_FAILED: return .misconfigured(reason: "no encryption offered")
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE:
            return .misconfigured(reason: "certificate not trusted")
        case CURLE_SSL_CONNECT_ERROR: return .unavailable(reason: "no encrypted connection")
        case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST: return .unavailable(reason: "no connection")
        case CURLE_OPERATION_TIMEDOUT: return .unavailable(reason: "timed out")
        default: break
        }
        switch reply {
        // RFC 4954 §6.
        case 530, 534, 535, 538: return .misconfigured(reason: "login needed")
        // RFC 5321 §4.2.3: 450 is about this mailbox (its domain is unknown, it greylists), and says nothing of the server.
        case 450, 500...599: return .rejected(code: reply)
        case 400...499: return .unavailable(reason: String(reply))
        default: return .unavailable(reason: "connection lost")
        }
    }
}

/// A handle of libcurl with what it points to; to be closed once, and used by one thread.
@safe private final class Transfer {
    private let handle: UnsafeMutableRawPointer
    private let bytes: [UInt8]
    private var sent = 0
    private var lists: [UnsafeMutablePointer<curl_slist>]
    /// Whether every option was taken.
    private(set) var isInOrder = true

    init(handle: UnsafeMutableRawPointer, bytes: [UInt8]) {
        unsafe self.handle = handle
        unsafe lists = []
        self.bytes = bytes
    }

    func perform() -> CURLcode { unsafe curl_easy_perform(handle) }

    func close() {
        unsafe curl_easy_cleanup(handle)
        unsafe lists.forEach { unsafe curl_slist_free_all($0) }
    }

    func set(_ option: CURLoption, _ text: String) { note(unsafe CCurl_setText(handle, option, text)) }

    func set(_ option: CURLoption, _ number: Int) { note(unsafe CCurl_setNumber(handle, option, number)) }

    /// One element, which the library reads during the transfer.
    func set(_ option: CURLoption, list element: String) {
        guard let list = unsafe curl_slist_append(nil, element) else { return isInOrder = false }
        unsafe lists.append(list)
        note(unsafe CCurl_setList(handle, option, list))
    }

    /// Authorities beside those of the system's folder.
    func setCertificates(_ pem: [UInt8]) {
        guard !pem.isEmpty else { return }
        note(unsafe CCurl_setBytes(handle, CURLOPT_CAINFO_BLOB, pem, pem.count))
    }

    /// Lets the library read the message from here; this object outlives the transfer.
    func read() {
        let reader: CCurl_Reader = { buffer, size, count, source in
            guard let buffer = unsafe buffer, let source = unsafe source else { return 0 }
            let transfer = unsafe Unmanaged<Transfer>.fromOpaque(source).takeUnretainedValue()
            return unsafe transfer.fill(UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
        }
        note(unsafe CCurl_setReader(handle, reader, Unmanaged.passUnretained(self).toOpaque()))
    }

    private func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        let part = bytes[sent..<min(sent + buffer.count, bytes.count)]
        unsafe buffer.copyBytes(from: part)
        sent += part.count
        return part.count
    }

    /// The server's last; 0 when there was none.
    var replyCode: Int {
        var code = 0
        _ = unsafe CCurl_responseCode(handle, &code)
        return code
    }

    private func note(_ result: CURLcode) {
        if result != CURLE_OK { isInOrder = false }
    }
}
