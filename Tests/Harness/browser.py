"""A browser without scripts: cookies, redirects, and forms that are read from the page and posted back."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qs, urljoin, urlsplit

import requests


@dataclass
class Form:
    action: str  # absolute
    method: str
    fields: dict = field(default_factory=dict)  # what a browser would send untouched: hidden and pre-filled inputs
    names: set = field(default_factory=set)  # every name in it, buttons too
    passwords: list = field(default_factory=list)  # the names of its password fields, in order


@dataclass
class Page:
    url: str
    response: requests.Response | None  # None where `until` stopped before asking

    def __post_init__(self):
        self.text = self.response.text if self.response is not None else ""
        self.status = self.response.status_code if self.response is not None else None
        self.query = {name: values[0] for name, values in parse_qs(urlsplit(self.url).query).items()}

    @property
    def forms(self):
        reader = _FormReader(self.url)
        reader.feed(self.text)
        return reader.forms

    def form(self, *names):
        """The first form that has all these fields."""
        for form in self.forms:
            if form.names.issuperset(names):
                return form
        raise AssertionError(f"{self.url} ({self.status}) has no form with {names}:\n{self.text[:4000]}")

    @property
    def new_password_form(self):
        """The form that asks for a new password and its repetition, and nothing else that is secret."""
        return next((form for form in self.forms if len(form.passwords) == 2), None)

    def has_form(self, *names):
        return any(form.names.issuperset(names) for form in self.forms)


class Browser:
    def __init__(self, verify=True, language="en"):
        self.session = requests.Session()
        self.session.verify = verify
        self.session.trust_env = False
        self.session.headers.update({"User-Agent": "Gatehouse-Tests", "Accept": "text/html"})
        self.session.headers["Accept-Language"] = language
        self.trail = []  # every URL asked for or redirected to, oldest first

    def open(self, url, until=None):
        """Follows redirects; stops without asking at the first URL that starts with `until`."""
        return self._follow("GET", url, None, until)

    def submit(self, form, until=None, **values):
        return self._follow(form.method, form.action, {**form.fields, **values}, until)

    def last(self, parameter):
        """The newest value of a query parameter in the trail, for example the code or the ticket."""
        for url in reversed(self.trail):
            if parameter in (query := parse_qs(urlsplit(url).query)):
                return query[parameter][0]
        raise AssertionError(f"no {parameter} in {self.trail}")

    def _follow(self, method, url, data, until):
        for _ in range(20):
            self.trail.append(url)
            if until and url.startswith(until):
                return Page(url, None)
            if method == "GET" and data is not None:
                response = self.session.get(url, params=data, allow_redirects=False, timeout=30)
            else:
                response = self.session.request(method, url, data=data, allow_redirects=False, timeout=30)
            if not response.is_redirect:
                return Page(response.url, response)
            url = urljoin(response.url, response.headers["Location"])
            if response.status_code not in (307, 308):
                method, data = "GET", None
        raise AssertionError(f"too many redirects: {self.trail[-20:]}")


class _FormReader(HTMLParser):
    def __init__(self, url):
        super().__init__()
        self.url, self.forms, self._form = url, [], None

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        name = attributes.get("name")
        if tag == "form":
            action = urljoin(self.url, attributes.get("action") or self.url)
            self._form = Form(action, (attributes.get("method") or "get").upper())
            self.forms.append(self._form)
        elif self._form is not None and name and tag in ("input", "button", "select", "textarea"):
            self._form.names.add(name)
            kind = (attributes.get("type") or "").lower()
            if kind == "password":
                self._form.passwords.append(name)
            if tag == "input" and kind not in ("submit", "button", "image"):
                if kind not in ("checkbox", "radio") or "checked" in attributes:
                    self._form.fields[name] = attributes.get("value") or ""

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None
