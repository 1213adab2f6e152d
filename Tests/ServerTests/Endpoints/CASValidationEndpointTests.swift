import Directory
import Storage
import TestSupport
import Testing
import Wire

@Suite("GET /cas/serviceValidate and /cas/p3/serviceValidate (CAS 3.0 §2.5, §2.8)")
struct CASValidationEndpointTests {
    static let headers = [
        "content-type": "application/xml; charset=utf-8", "cache-control": "no-store",
        "referrer-policy": "no-referrer", "strict-transport-security": "max-age=31536000",
        "x-content-type-options": "nosniff",
    ]

    static func failure(_ code: String, _ text: String) -> String {
        """
        <cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">
         <cas:authenticationFailure code="\(code)">\(text)</cas:authenticationFailure>
        </cas:serviceResponse>

        """
    }

    @Test("CAS 2.0: the user alone")
    func cas2() async throws {
        try await TestServer.run { server in
            let reply = try await server.validate(try await server.signedIn().enterWiki())
            #expect(reply.status == 200)
            #expect(reply.fixedHeaders == Self.headers)
            #expect(
                reply.text == """
                    <cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">
                     <cas:authenticationSuccess>
                      <cas:user>alice</cas:user>
                     </cas:authenticationSuccess>
                    </cas:serviceResponse>

                    """)
        }
    }

    @Test("CAS 3.0: the user and what is released")
    func cas3() async throws {
        try await TestServer.run { server in
            let browser = try await server.signedIn()
            server.clock.advance(by: 5)
            let reply = try await server.validate(try await browser.enterWiki(), path: "/cas/p3/serviceValidate")
            #expect(
                reply.text == """
                    <cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">
                     <cas:authenticationSuccess>
                      <cas:user>alice</cas:user>
                      <cas:attributes>
                       <cas:authenticationDate>2023-11-14T22:13:20.000Z</cas:authenticationDate>
                       <cas:longTermAuthenticationRequestTokenUsed>false</cas:longTermAuthenticationRequestTokenUsed>
                       <cas:isFromNewLogin>false</cas:isFromNewLogin>
                       <cas:displayName>Alice Liddell</cas:displayName>
                       <cas:mail>alice@acme.example</cas:mail>
                       <cas:memberOf>Finance</cas:memberOf>
                      </cas:attributes>
                     </cas:authenticationSuccess>
                    </cas:serviceResponse>

                    """)
        }
    }

    @Test("the same as JSON")
    func json() async throws {
        try await TestServer.run { server in
            let browser = server.browser()
            let visit = try await browser.signIn(at: CASLoginEndpointTests.wiki, ["remember": "yes"])
            let reply = try await server.validate(
                try #require(visit.answer["ticket"]), ["format": "JSON"], path: "/cas/p3/serviceValidate")
            #expect(reply.fixedHeaders == Self.headers.merging(["content-type": "application/json"]) { $1 })
            #expect(
                try reply.json == [
                    "serviceResponse": [
                        "authenticationSuccess": [
                            "user": "alice",
                            "attributes": [
                                "authenticationDate": "2023-11-14T22:13:20.000Z",
                                "longTermAuthenticationRequestTokenUsed": true, "isFromNewLogin": true,
                                "displayName": "Alice Liddell", "mail": "alice@acme.example",
                                "memberOf": ["Finance"],
                            ],
                        ]
                    ]
                ])
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var changes: Changes = [:]
        var after: Double = 0
        var code: String
        var text: String
        /// Whether the attempt used the ticket up (§3.1.1).
        var isSpent = true
    }

    static let failures = [
        Case(
            testDescription: "unknown", changes: ["ticket": "ST-unknown"], code: "INVALID_TICKET",
            text: "ticket not recognized", isSpent: false),
        Case(
            testDescription: "proxy ticket", changes: ["ticket": "PT-unknown"], code: "INVALID_TICKET_SPEC",
            text: "a proxy ticket was presented where only service tickets are validated", isSpent: false),
        Case(
            testDescription: "another service", changes: ["service": "https://ledger.example/cas"],
            code: "INVALID_SERVICE", text: "ticket was issued for another service"),
        Case(
            testDescription: "almost the service", changes: ["service": "https://wiki.example/cas/"],
            code: "INVALID_SERVICE", text: "ticket was issued for another service"),
        Case(testDescription: "expired", after: 180, code: "INVALID_TICKET", text: "ticket has expired"),
        Case(
            testDescription: "renew", changes: ["renew": "true"], code: "INVALID_TICKET",
            text: "ticket was not issued from an initial login, which &#39;renew&#39; requires"),
        Case(
            testDescription: "pgtUrl", changes: ["pgtUrl": "https://wiki.example/pgt"],
            code: "UNAUTHORIZED_SERVICE_PROXY",
            text: "this service is not authorized to proxy; leave out &#39;pgtUrl&#39;"),
        Case(
            testDescription: "no ticket", changes: ["ticket": nil], code: "INVALID_REQUEST",
            text: "&#39;service&#39; and &#39;ticket&#39; parameters are both required", isSpent: false),
        Case(
            testDescription: "no service", changes: ["service": nil], code: "INVALID_REQUEST",
            text: "&#39;service&#39; and &#39;ticket&#39; parameters are both required", isSpent: false),
        Case(
            testDescription: "format", changes: ["format": "yaml"], code: "INVALID_REQUEST",
            text: "&#39;format&#39; must be XML or JSON", isSpent: false),
    ]

    @Test("tells a failure with status 200; an attempt uses the ticket up", .tags(.security), arguments: failures)
    func fails(_ sample: Case) async throws {
        try await TestServer.run { server in
            let ticket = try await server.signedIn().enterWiki()
            server.clock.advance(by: sample.after)
            let reply = try await server.validate(ticket, sample.changes)
            #expect(reply.status == 200)
            #expect(reply.fixedHeaders == Self.headers)
            #expect(reply.text == Self.failure(sample.code, sample.text))
            let again = try await server.validate(ticket)
            #expect(again.text.contains("<cas:user>alice</cas:user>") == !sample.isSpent)
        }
    }

    @Test("tells a failure as JSON when that was asked for")
    func jsonFailure() async throws {
        try await TestServer.run { server in
            let reply = try await server.validate("ST-unknown", ["format": "json"])
            #expect(
                try reply.json == [
                    "serviceResponse": [
                        "authenticationFailure": ["code": "INVALID_TICKET", "description": "ticket not recognized"]
                    ]
                ])
        }
    }

    @Test("repeats nothing of the request", .tags(.security), arguments: ["<script>", "\"]]>", "&xxe;", "\u{202E}"])
    func reflects(_ hostile: String) async throws {
        try await TestServer.run { server in
            for format in ["XML", "JSON", hostile] {
                let reply = try await server.validate(
                    "ST-\(hostile)", ["service": hostile, "format": format], path: "/cas/p3/serviceValidate")
                #expect(!reply.text.contains(hostile))
            }
        }
    }

    @Test("accepts a ticket until the second before it expires, once", .tags(.security))
    func once() async throws {
        try await TestServer.run { server in
            let ticket = try await server.signedIn().enterWiki()
            server.clock.advance(by: 179)
            #expect(try await server.validate(ticket).text.contains("<cas:user>alice</cas:user>"))
            let again = try await server.validate(ticket)
            #expect(again.text == Self.failure("INVALID_TICKET", "ticket was already validated once"))
        }
    }

    @Test("escapes what is told about a person", .tags(.security))
    func escapes() async throws {
        try await TestServer.run { server in
            try await server.change { db in
                var alice = Samples.alice
                alice.profile.name = "A <b>&\"'</cas:user>"
                try db.users(Samples.sealingKey).update(alice)
            }
            let reply = try await server.validate(
                try await server.signedIn().enterWiki(), path: "/cas/p3/serviceValidate")
            #expect(reply.text.contains("A &lt;b&gt;&amp;&quot;&#39;&lt;/cas:user&gt;</cas:displayName>"))
        }
    }
}
