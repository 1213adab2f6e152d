import Cryptography
package import OAuth2
import Identity
import Wire

/// What relying parties may know about this provider (OIDC Discovery §3). Only what is switched on is named.
package struct ProviderMetadata: Equatable, Sendable {
    package let server: ServerMetadata
    /// Absolute URLs, built by the server from the issuer and its table of routes.
    package let userinfoEndpoint: String
    package let endSessionEndpoint: String

    package init(server: ServerMetadata, userinfoEndpoint: String, endSessionEndpoint: String) {
        self.server = server
        self.userinfoEndpoint = userinfoEndpoint
        self.endSessionEndpoint = endSessionEndpoint
    }

    /// The document of `/.well-known/openid-configuration`.
    package var json: [UInt8] {
        var writer = JSONWriter(reserving: 2048)
        writer.beginObject()
        server.write(to: &writer)
        writer.member("userinfo_endpoint", userinfoEndpoint)
        writer.member("end_session_endpoint", endSessionEndpoint)
        writer.member("subject_types_supported", ["public"])
        writer.member("id_token_signing_alg_values_supported", SignatureAlgorithm.allCases.map(\.rawValue))
        writer.member("acr_values_supported", AuthenticationLevel.allCases.map(\.rawValue))
        writer.member("claim_types_supported", ["normal"])
        writer.member("claims_supported", Claims.supported)
        writer.member("prompt_values_supported", AuthenticationRequest.Prompt.allCases.map(\.rawValue))
        writer.member("claims_parameter_supported", false)
        writer.member("request_parameter_supported", false)
        // Left out, this one would mean true (Discovery §3).
        writer.member("request_uri_parameter_supported", false)
        writer.endObject()
        return writer.bytes
    }
}
