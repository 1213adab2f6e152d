"""Applications as `gatehouse apply` reads them."""


def oauth_application(slug, redirect_uri, secret=None, **more):
    """An OAuth application; public (no secret, PKCE only) when it has none."""
    application = {
        "slug": slug,
        "name": f"{slug} (OAuth)",
        "protocol": "oauth",
        "clientID": slug,
        "redirectURIs": [redirect_uri],
        "access": "everyone",
    }
    if secret is None:
        application["public"] = True
    else:
        application["clientSecret"] = secret
    return {**application, **more}


# Released name, and what of the user it carries.
CAS_ATTRIBUTES = {"displayName": "name", "mail": "email", "employeeNumber": "employeeID", "memberOf": "groups"}


def cas_application(slug, *services, **more):
    return {
        "slug": slug,
        "name": f"{slug} (CAS)",
        "protocol": "cas",
        "services": list(services),
        "attributes": [{"name": name, "attribute": attribute} for name, attribute in CAS_ATTRIBUTES.items()],
        "access": "everyone",
        **more,
    }
