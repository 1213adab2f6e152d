import OAuth2
import Testing

@Suite("RFC 8414 §2 Authorization server metadata")
struct ServerMetadataTests {
    @Test("names what is switched on and nothing else")
    func json() {
        let metadata = ServerMetadata(
            issuer: "https://id.example",
            endpoints: ServerMetadata.Endpoints(
                authorization: "https://id.example/oauth2/authorize", token: "https://id.example/oauth2/token",
                jwks: "https://id.example/oauth2/jwks"),
            uiLocales: ["zh-CN", "en"])
        #expect(
            text(metadata.json) == #"{"issuer":"https://id.example","#
                + #""authorization_endpoint":"https://id.example/oauth2/authorize","#
                + #""token_endpoint":"https://id.example/oauth2/token","jwks_uri":"https://id.example/oauth2/jwks","#
                + #""scopes_supported":["openid","profile","email","phone","groups","offline_access"],"#
                + #""response_types_supported":["code"],"response_modes_supported":["query"],"#
                + #""grant_types_supported":["authorization_code","refresh_token"],"#
                + #""token_endpoint_auth_methods_supported":["client_secret_basic","client_secret_post","none"],"#
                + #""code_challenge_methods_supported":["S256"],"#
                + #""authorization_response_iss_parameter_supported":true,"ui_locales_supported":["zh-CN","en"]}"#)
    }
}
