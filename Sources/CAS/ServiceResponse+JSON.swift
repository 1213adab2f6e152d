import Directory
import Wire

extension ServiceResponse {
    /// The JSON form that §2.5.2 and §2.5.7 show.
    package var json: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("serviceResponse")
        json.beginObject()
        switch self {
        case .success(let success): success.write(to: &json)
        case .failure(let error): error.write(to: &json)
        }
        json.endObject()
        json.endObject()
        return json.bytes
    }
}

extension CASError {
    fileprivate func write(to json: inout JSONWriter) {
        json.key("authenticationFailure")
        json.beginObject()
        json.member("code", code.rawValue)
        json.member("description", text)
        json.endObject()
    }
}

extension AuthenticationSuccess {
    fileprivate func write(to json: inout JSONWriter) {
        json.key("authenticationSuccess")
        json.beginObject()
        json.member("user", user)
        if let attributes {
            json.key("attributes")
            attributes.write(to: &json)
        }
        json.endObject()
    }
}

extension AuthenticationSuccess.Attributes {
    /// Flags are JSON booleans. An attribute that can have several values is an array even when it has one, so that a
    /// client does not meet two types under one name.
    fileprivate func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("authenticationDate", XMLDateTime.text(authenticationDate))
        json.member("longTermAuthenticationRequestTokenUsed", longTermAuthenticationRequestTokenUsed)
        json.member("isFromNewLogin", isFromNewLogin)
        for attribute in released {
            switch attribute.value {
            case .text(let text): json.member(named: attribute.name, .string(text))
            case .list(let texts): json.member(named: attribute.name, .array(texts.map(JSON.string)))
            }
        }
        json.endObject()
    }
}
