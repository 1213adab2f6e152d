import CQREncode

/// A QR Code symbol (ISO/IEC 18004) of a short text, as a picture that scales: an address to open on a phone, the
/// secret of an authenticator app.
///
/// ```swift
/// QRCode("https://login.example/join?code=7KQ2M9PX")?.svg(label: "Join")
/// // <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 37 37" role="img" aria-label="Join" …>…</svg>
/// ```
package struct QRCode: Equatable, Sendable {
    /// Modules along an edge, without the quiet zone.
    package let size: Int
    /// Row by row from the upper left; `true` is dark.
    private let modules: [Bool]

    /// - Parameter text: At most 1,024 bytes of UTF-8, without U+0000; encoded as bytes at error correction level M,
    ///   which survives a screen's glare.
    /// - Returns: nil for an empty text and for one that does not fit.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty, bytes.count <= 1_024, !bytes.contains(0) else { return nil }
        guard let code = unsafe QRcode_encodeData(Int32(bytes.count), bytes, 0, QR_ECLEVEL_M) else { return nil }
        defer { unsafe QRcode_free(code) }
        let width = unsafe Int(code.pointee.width)
        guard width > 0, let data = unsafe code.pointee.data else { return nil }
        size = width
        // The lowest bit of each byte is the module; the others tell what it is for.
        modules = unsafe UnsafeBufferPointer(start: data, count: width * width).map { $0 & 1 == 1 }
    }

    /// Whether the module of a column and a row, from 0, is dark.
    package func isDark(_ column: Int, _ row: Int) -> Bool { modules[row * size + column] }

    /// An SVG element to stand in a page, dark on white in every colour scheme, or readers would see an inverted symbol.
    /// - Parameter label: What it leads to, for people who do not see it; escaped here.
    package func svg(label: String) -> String {
        let edge = size + 2 * Self.quietZone
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(edge) \(edge)" role="img" \
            aria-label="\(XMLText.escape(label))" shape-rendering="crispEdges">\
            <path fill="#fff" d="M0 0h\(edge)v\(edge)h-\(edge)z"/>\
            <path fill="#000" d="\(path)"/></svg>
            """
    }

    /// The picture as the address of an image, for a page to hold like any other text, escaped.
    package var imageURL: String {
        "data:image/svg+xml;base64," + Base64.encode(Array(svg(label: "").utf8))
    }

    /// Light modules around the symbol (ISO/IEC 18004 §9.1).
    private static let quietZone = 4

    /// One box for each run of dark modules of a row: a fifth of the text that a box a module would take.
    private var path: String {
        var path = ""
        for row in 0..<size {
            var column = 0
            while column < size {
                guard isDark(column, row) else {
                    column += 1
                    continue
                }
                let start = column
                while column < size, isDark(column, row) { column += 1 }
                path += "M\(start + Self.quietZone) \(row + Self.quietZone)h\(column - start)v1h-\(column - start)z"
            }
        }
        return path
    }
}

/// It may hold a secret, and must not reach a log.
extension QRCode: CustomStringConvertible, CustomReflectable {
    package var description: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
