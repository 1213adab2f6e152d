import Directory
import Wire

extension ServiceResponse {
    /// The `serviceResponse` document of Appendix A: namespace, prefix and order of elements as there, without XML
    /// declaration, as §2.5.2 shows it.
    package var xml: String {
        let content =
            switch self {
            case .success(let success): success.xml
            case .failure(let error): error.xml
            }
        return """
            <cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">
            \(content)</cas:serviceResponse>

            """
    }
}

extension CASError {
    /// The text is ours, never the request's; it is escaped all the same.
    fileprivate var xml: String {
        " <cas:authenticationFailure code=\"\(code.rawValue)\">\(XMLText.escape(text))</cas:authenticationFailure>\n"
    }
}

extension AuthenticationSuccess {
    fileprivate var xml: String {
        var text = " <cas:authenticationSuccess>\n"
        text += "  <cas:user>\(XMLText.escape(user))</cas:user>\n"
        if let attributes { text += attributes.xml }
        return text + " </cas:authenticationSuccess>\n"
    }
}

extension AuthenticationSuccess.Attributes {
    fileprivate var xml: String {
        var text = "  <cas:attributes>\n"
        text += element("authenticationDate", XMLDateTime.text(authenticationDate))
        text += element("longTermAuthenticationRequestTokenUsed", "\(longTermAuthenticationRequestTokenUsed)")
        text += element("isFromNewLogin", "\(isFromNewLogin)")
        for attribute in released {
            // An attribute with several values is the element several times (§2.5.7).
            for value in attribute.value.texts { text += element(attribute.name, value) }
        }
        return text + "  </cas:attributes>\n"
    }

    private func element(_ name: String, _ value: String) -> String {
        "   <cas:\(name)>\(XMLText.escape(value))</cas:\(name)>\n"
    }
}

extension AttributeValue {
    fileprivate var texts: [String] {
        switch self {
        case .text(let text): [text]
        case .list(let texts): texts
        }
    }
}
