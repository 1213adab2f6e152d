package import HTTPTypes
package import Wire

/// One answer of the server, whole.
package struct Reply: Sendable, CustomStringConvertible {
    package let status: Int
    package let headers: HTTPFields
    package let body: [UInt8]

    /// The body as text.
    package var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as JSON.
    /// - Throws: When it is none.
    package var json: JSON {
        get throws { try JSON.parse(body) }
    }

    /// A header field's value by its name on the wire; several lines joined by a comma; nil without one.
    package subscript(name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }

    /// Where the answer sends the browser.
    package var location: String? { self["Location"] }

    /// The parameters in the query of ``location``.
    package var answer: [String: String] { location.map(URLParts.parameters(of:)) ?? [:] }

    /// The cookies that the answer stores, whole `Set-Cookie` values.
    package var cookies: [String] { HTTPField.Name("Set-Cookie").map { headers[values: $0] } ?? [] }

    /// The forms of the page, in order.
    package var forms: [PageForm] { PageForm.all(in: text) }

    /// The page's heading: what a person sees at first.
    package var heading: String? { HTMLText.content(of: "h1", in: text) }

    /// The sentences of the error summary of a form.
    package var formErrors: [String] {
        guard let start = text.place(of: "<div class=\"alert-text\">"),
            let end = text[start.upperBound...].place(of: "</div>")
        else { return [] }
        return HTMLText.contents(of: "p", in: String(text[start.upperBound..<end.lowerBound])).map(HTMLText.plain)
    }

    /// All header fields that do not differ from answer to answer, by lower-case name.
    package var fixedHeaders: [String: String] {
        let all = headers.map { ($0.name.canonicalName, $0.value) }
        return Dictionary(all.filter { $0.0 != "set-cookie" && $0.0 != "content-length" }) { "\($0), \($1)" }
    }

    package var description: String { "\(status) \(location ?? heading ?? text.prefix(200).description)" }
}
