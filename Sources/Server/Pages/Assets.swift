import Cryptography
import FoundationEssentials
import HTTPTypes
import HummingbirdCore
import NIOCore
import Wire

/// Style sheet, script and drawings, held in memory and served as they are.
package struct Assets: Sendable {
    private struct Asset: Sendable {
        let path: String
        let type: String
        let bytes: ByteBuffer
        let isVersioned: Bool
    }

    /// Changes when any asset changes; appended to their addresses so that they can be cached for long.
    let version: String
    private let all: [Asset]

    /// Reads every file of a known type in a folder.
    init(directory: String) throws {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
        } catch { throw PagesError("\(directory) cannot be read") }
        var all: [Asset] = []
        var content: [UInt8] = []
        for name in names {
            guard let type = Self.type(of: name), name.utf8.allSatisfy(Self.isPlain) else { continue }
            guard let data = try? Data(contentsOf: URL(filePath: "\(directory)/\(name)")) else {
                throw PagesError("\(directory)/\(name) cannot be read")
            }
            content += Array(name.utf8) + [0] + Array(data) + [0]
            let isVersioned = name.hasSuffix(".css") || name.hasSuffix(".js")
            let path = "\(Path.assets)/\(name)"
            all.append(Asset(path: path, type: type, bytes: ByteBuffer(bytes: data), isVersioned: isVersioned))
        }
        version = String(Base64URL.encode(SHA256.hash(content)).prefix(12))
        self.all = all
    }

    /// A route for each asset, and the address where browsers look for an icon.
    var routes: [Route] {
        let icon = all.first { $0.path.hasSuffix("/favicon.ico") }
        return all.map { Self.route($0, at: $0.path) } + (icon.map { [Self.route($0, at: Path.favicon)] } ?? [])
    }

    private static func route(_ asset: Asset, at path: String) -> Route {
        Route(.get, path, shape: .plain, answersHead: true) { _ in
            var response = Response(
                status: .ok, headers: [.contentType: asset.type], body: ResponseBody(byteBuffer: asset.bytes))
            // A versioned address is never used for other content; a drawing named in the style sheet is.
            response.headers[.cacheControl] =
                asset.isVersioned ? "public, max-age=31536000, immutable" : "public, max-age=86400"
            response.addCommonHeaders()
            return response
        }
    }

    private static func type(of name: String) -> String? {
        let types = [
            "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml",
            "ico": "image/x-icon", "png": "image/png",
        ]
        return name.split(separator: ".").last.flatMap { types[String($0)] }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "."):
            true
        default: false
        }
    }
}
