"""What the page says of a new password while it is typed is what the server says of it afterwards."""

import re

import pytest
from playwright.sync_api import expect

from Harness.browser import Browser
from Harness.people import PASSWORD
from Harness.signing_in import sign_in_by_password
from conftest import DESKTOP_ZH, PHONE_EN
from pages import ChangePasswordPage, SignInPage

KNOWN = ("length", "classes", "notAccountName")

USERNAME = "Ab.Lehmann-7"
PASSWORDS = [
    # length: Unicode scalars of the composed text
    *["Abc1234", "Abc12345", "Abc1" + "x" * 124, "Abc1" + "x" * 125, "Ab1😀😀😀😀", "Ab1😀😀😀😀😀"],
    *["Ab1e\u0301e\u0301e\u0301e\u0301", "Ab1e\u0301e\u0301e\u0301e\u0301e\u0301", "密码密码密码密", "密码密码密码密码"],
    # classes: capitals, small letters, digits, and everything else
    *["abcdefgh", "abcdefg1", "Abcdefg1", "ABCDEFG1", "abcdef-1", "ABCDEF-1", "12345678", "1234567-", "--------"],
    *["abcde密码1", "密码密码密码密1", "Abcdef密码", "ǅabcdef1", "ªbcdef12", "àbcdefÀ1", "абвгдЕЖ1"],
    *["abcdefg１", "abcdefgⅣ", "Abcdef ²"],
    *["Abcdef\u3000g", "Abcdef\u00a0g", "ﬁﬁﬁﬁﬁﬁA1", "Abcdef\u200dg", "١٢٣٤٥٦aB", "ßßßßßßẞ1"],
    # the account name, forwards and backwards, in any case, also with digits and symbols around
    *["Ab.Lehmann-7", "ab.lehmann-7", "AB.LEHMANN-7", "7-nnamhel.ba", "7-nnamheL.bA", "Ab.Lehmann-7!"],
    *["2024Ab.Lehmann", "AbLehmann-7", "Ab.Lehman-7"],
    *["Ab.Lehmann2024!", "!!nnamheL.bA99", "xAb.Lehmann-7", "Ab.Lehmann-7x"],
    *["Ab-Lehmann-7", "密Ab.Lehmann-7", "\u0410b.Lehmann-7", "Ab.Lehmann-7😀", "  Ab.Lehmann  ", "ⒶAb.Lehmann-7"],
    # all is well, as far as the page knows
    *["Password123!", PASSWORD, "Brighter-Lantern-7"],
]

PAIRS = [
    ("Brighter-Lantern-7", "Brighter-Lantern-7", True),
    ("Brighter-Lantern-7", "brighter-Lantern-7", False),
    ("Brighter-Lantern-7", "Brighter-Lantern-7 ", False),
    ("Caf\u00e9-Lantern-7", "Cafe\u0301-Lantern-7", True),
    ("Blue Lantern 7", "Blue\u3000Lantern\u00a07", True),
]


class Server:
    """The change-password page, asked without scripts."""

    def __init__(self, gatehouse, person):
        self.browser, self.person, self.address = Browser(), person, f"{gatehouse.issuer}/account/password"
        page = sign_in_by_password(self.browser, self.browser.open(f"{gatehouse.issuer}/"), person)
        assert page.status == 200

    def answer(self, password, repeated):
        form = self.browser.open(self.address).form("currentPassword")
        page = self.browser.submit(
            form, currentPassword=self.person.password, newPassword=password, repeatedPassword=repeated
        )
        if "notice=passwordSaved" in page.url:
            self.person.password = password
        return page

    def verdicts(self, password):
        page = self.answer(password, password)
        assert "notice=passwordSaved" in page.url or page.status == 422
        broken = re.findall(r'class="rule rule-violated" data-rule="(\w+)"', page.text)
        return {name: name not in broken for name in KNOWN}


def open_change_page(gatehouse, person, page):
    page.goto(f"{gatehouse.issuer}/")
    SignInPage(page).is_shown().enter_password(person.username, person.password)
    expect(page).to_have_url(f"{gatehouse.issuer}/")
    return ChangePasswordPage(page, gatehouse.issuer).open()


def test_browser_and_server_agree_on_every_rule_that_the_browser_knows(gatehouse, visit):
    person = gatehouse.known_person(username=USERNAME)
    change = open_change_page(gatehouse, person, visit())
    shown = {}
    for password in PASSWORDS:
        change.new.fill(password)
        change.new.blur()
        verdicts = change.verdicts()
        assert verdicts["notCommon"] is None and verdicts["notRecent"] is None
        shown[password] = {name: verdicts[name] for name in KNOWN}
    server = Server(gatehouse, person)
    assert shown == {password: server.verdicts(password) for password in PASSWORDS}
    assert {tuple(verdicts.values()) for verdicts in shown.values()}.issuperset(
        [(True, True, True), (False, True, True), (True, False, True), (True, True, False)]
    )


def test_browser_and_server_agree_on_the_repetition(gatehouse, visit):
    person = gatehouse.known_person()
    change = open_change_page(gatehouse, person, visit())
    shown = []
    for password, repeated, _ in PAIRS:
        change.new.fill(password)
        change.repeated.fill(repeated)
        change.repeated.blur()
        shown.append((password, repeated, change.verdicts()["repeated"]))
    assert shown == PAIRS
    server = Server(gatehouse, person)
    for password, repeated, is_same in PAIRS:
        page = server.answer(password, repeated)
        assert ('id="repeatedPassword-error" hidden' in page.text or page.status == 200) == is_same


@pytest.mark.parametrize("visitor", [DESKTOP_ZH, PHONE_EN], ids=str)
def test_marks_follow_the_typing_and_the_summary_waits_until_it_rests(gatehouse, visit, shoot, visitor):
    person = gatehouse.known_person()
    page = visit(visitor)
    change = open_change_page(gatehouse, person, page)
    assert set(change.verdicts().values()) == {None}
    change.new.press_sequentially("abc")
    assert change.verdicts() | {"notAccountName": True} == dict.fromkeys(change.verdicts()) | {"notAccountName": True}
    expect(change.summary).to_have_text("")
    length, classes = [page.locator(f"[data-rule={name}]") for name in ("length", "classes")]
    expect(length).to_have_class(re.compile("rule-violated"))  # the typing rests
    missing = change.summary.get_attribute("data-missing")
    told = [missing.replace("{rule}", rule.locator("[data-rule-text]").inner_text()) for rule in (length, classes)]
    expect(change.summary).to_have_text(" ".join(told))
    shoot(page, "rules-not-met")

    change.new.press_sequentially("DEF-123")
    expect(length).to_have_class(re.compile("rule-met"))
    change.repeated.fill("abcDEF-123")
    expect(change.summary).to_have_text(change.summary.get_attribute("data-all-met"))
    shoot(page, "rules-met")
    change.new.fill("")
    assert set(change.verdicts().values()) == {None}
    expect(change.summary).to_have_text("")
