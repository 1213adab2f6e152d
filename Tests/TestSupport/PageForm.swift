package import Wire

/// A form of a page with what it would send, as a browser without scripts sees it.
package struct PageForm: Equatable, Sendable {
    package let action: String
    package let method: String
    /// Names and values of its inputs, hidden ones too; boxes and choices that are not ticked are left out.
    package let fields: [FormURLEncoded.Pair]
    /// Names and values of its submit buttons that have a name.
    package let buttons: [FormURLEncoded.Pair]

    /// The value of a field; nil when the form has none of this name.
    package subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    /// The forms of a page.
    package static func all(in html: String) -> [PageForm] {
        html.parts(by: "<form ").dropFirst().compactMap { part in
            PageForm("<form " + (part.parts(by: "</form>").first ?? ""))
        }
    }

    private init?(_ html: String) {
        guard let opening = HTMLText.tags("form", in: html).first, let action = opening["action"] else { return nil }
        self.action = action
        method = opening["method"] ?? "get"
        fields = HTMLText.tags("input", in: html).compactMap { input in
            guard let name = input["name"] else { return nil }
            if ["checkbox", "radio"].contains(input["type"]), input["checked"] == nil { return nil }
            return FormURLEncoded.Pair(name, input["value"] ?? "")
        }
        buttons = HTMLText.tags("button", in: html).compactMap { button in
            button["name"].map { FormURLEncoded.Pair($0, button["value"] ?? "") }
        }
    }

    /// What the form sends when a person fills it in.
    /// - Parameters:
    ///   - filling: Values by name; a name that the form does not have is added, a nil value leaves the field out.
    ///   - button: The value of the button that is pressed.
    package func sending(_ filling: [String: String?] = [:], pressing button: String? = nil) -> [FormURLEncoded.Pair] {
        var pairs = fields.filter { filling[$0.name] == nil }
        if let button, let pressed = buttons.first(where: { $0.value == button }) { pairs.append(pressed) }
        for (name, value) in filling.sorted(by: { $0.key < $1.key }) {
            if let value { pairs.append(FormURLEncoded.Pair(name, value)) }
        }
        return pairs
    }
}

/// The little of HTML that our own pages need.
enum HTMLText {
    /// The attributes of every tag of a name.
    static func tags(_ name: String, in html: String) -> [[String: String]] {
        html.parts(by: "<\(name) ").dropFirst().map { attributes(in: $0) }
    }

    /// The content of the first element of a name, without tags.
    static func content(of name: String, in html: String) -> String? { contents(of: name, in: html).first.map(plain) }

    /// The contents of all elements of a name, as they stand.
    static func contents(of name: String, in html: String) -> [String] {
        html.parts(by: "<\(name)").dropFirst().compactMap { part in
            guard part.first == ">" || part.first == " ", let start = part.firstIndex(of: ">") else { return nil }
            return String(part[part.index(after: start)...]).parts(by: "</\(name)>").first
        }
    }

    /// Text without tags and character references.
    static func plain(_ html: String) -> String {
        var text = ""
        var isInTag = false
        for character in html {
            if character == "<" { isInTag = true }
            if !isInTag { text.append(character) }
            if character == ">" { isInTag = false }
        }
        return unescaped(text)
    }

    static func unescaped(_ text: String) -> String {
        let references = [
            ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&#61;", "="),
            ("&#x3D;", "="), ("&amp;", "&"),
        ]
        return references.reduce(text) { text, reference in
            text.parts(by: reference.0).joined(separator: reference.1)
        }
    }

    /// `name="value"` and bare names, up to the end of the tag.
    private static func attributes(in text: String) -> [String: String] {
        var attributes: [String: String] = [:]
        var rest = text[...]
        while let first = rest.first, first != ">" {
            if first == " " || first == "\n" || first == "/" {
                rest = rest.dropFirst()
                continue
            }
            let name = rest.prefix { $0 != "=" && $0 != " " && $0 != ">" && $0 != "\n" }
            rest = rest.dropFirst(name.count)
            guard rest.first == "=" else {
                attributes[String(name)] = ""
                continue
            }
            rest = rest.dropFirst(2)
            let value = rest.prefix { $0 != "\"" }
            rest = rest.dropFirst(value.count + 1)
            attributes[String(name)] = unescaped(String(value))
        }
        return attributes
    }
}

extension String {
    /// `split` by a text, empty parts kept.
    func parts(by separator: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let found = rest.place(of: separator) {
            parts.append(String(rest[..<found.lowerBound]))
            rest = rest[found.upperBound...]
        }
        return parts + [String(rest)]
    }
}

extension StringProtocol where SubSequence == Substring {
    /// Where a text occurs first, byte for byte.
    func place(of text: String) -> Range<String.Index>? {
        let wanted = Array(text.utf8)
        guard let first = wanted.first else { return nil }
        var start = utf8.startIndex
        while let candidate = utf8[start...].firstIndex(of: first) {
            if utf8[candidate...].starts(with: wanted) {
                return candidate..<utf8.index(candidate, offsetBy: wanted.count)
            }
            start = utf8.index(after: candidate)
        }
        return nil
    }
}
