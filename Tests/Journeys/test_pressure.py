"""What many requests lead to: a puzzle that the browser solves by itself, a wait without scripts, at last a pause."""

import pytest
from playwright.sync_api import expect

from Harness.browser import Browser
from Harness.people import PASSWORD, Person
from Harness.signing_in import request_code, sign_in_by_password
from conftest import DESKTOP_EN, DESKTOP_ZH, NO_SCRIPTS, NO_SCRIPTS_EN, PHONE_EN, PHONE_ZH, has_chinese
from pages import SetPasswordPage, SignInPage

FREE_CODES = 2  # to one phone in an hour; the next one costs a puzzle
FREE_FAILURES = 10  # from one address
AT_ONCE = {"sms.send.interval": "off"}


def ask_for_free_codes(gatehouse, person):
    for _ in range(FREE_CODES):
        browser = Browser()
        request_code(browser, browser.open(f"{gatehouse.issuer}/"), person)
        gatehouse.sms.next_code(person.phone)


def fail_as_often_as_is_free(gatehouse):
    browser = Browser()
    page = browser.open(f"{gatehouse.issuer}/")
    for number in range(FREE_FAILURES):
        stranger = Person(f"nobody{number}", "", "", "", "", password="Wrong-Harbour-42")
        page = sign_in_by_password(browser, page, stranger)
        assert page.status == 422


@pytest.mark.parametrize("visitor", [DESKTOP_ZH, PHONE_EN], ids=str)
def test_the_third_code_to_a_phone_is_sent_once_the_browser_has_solved_a_puzzle(install, visit, shoot, visitor):
    gatehouse = install(AT_ONCE)
    person = gatehouse.new_person()
    ask_for_free_codes(gatehouse, person)

    page = visit(visitor)
    page.goto(f"{gatehouse.issuer}/")
    sign_in = SignInPage(page).is_shown()
    with page.expect_response(lambda response: response.request.method == "POST" and response.status == 422):
        sign_in.ask_for_code(person.phone)
    sign_in.is_told_of_code()
    shoot(page, "puzzle-solved-code-sent")
    sign_in.enter_code(gatehouse.sms.next_code(person.phone))
    SetPasswordPage(page).is_shown()


def test_a_browser_that_does_not_tell_which_button_was_pressed_gets_its_code_too(install, visit):
    gatehouse = install(AT_ONCE)
    person = gatehouse.new_person()
    ask_for_free_codes(gatehouse, person)
    page = visit()
    page.add_init_script(
        "delete SubmitEvent.prototype.submitter; delete HTMLFormElement.prototype.requestSubmit;"
    )
    page.goto(f"{gatehouse.issuer}/")
    sign_in = SignInPage(page).is_shown()
    sign_in.send_code(person.phone)
    sign_in.enter_code(gatehouse.sms.next_code(person.phone))
    SetPasswordPage(page).is_shown()


def test_pressing_again_while_the_browser_searches_sends_once(install, visit):
    gatehouse = install()
    person = gatehouse.known_person()
    fail_as_often_as_is_free(gatehouse)
    page = visit()
    page.goto(f"{gatehouse.issuer}/")
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    sign_in = SignInPage(page).is_shown()
    page.locator("#username").fill(person.username)
    page.locator("#password").fill(PASSWORD)
    sign_in.password_form.locator("button[type=submit]").evaluate("(button) => { button.click(); button.click(); }")
    expect(page).to_have_url(f"{gatehouse.issuer}/")
    assert len(sent) == 1


@pytest.mark.parametrize("visitor", [DESKTOP_ZH, PHONE_EN], ids=str)
def test_the_page_tells_of_the_puzzle_while_it_is_solved(install, visit, shoot, visitor):
    gatehouse = install({**AT_ONCE, "puzzle.work": "24"})
    person = gatehouse.new_person()
    ask_for_free_codes(gatehouse, person)
    page = visit(visitor)
    page.goto(f"{gatehouse.issuer}/")
    sign_in = SignInPage(page).is_shown()
    sign_in.ask_for_code(person.phone)
    assert has_chinese(sign_in.refusal()) == visitor.locale.startswith("zh")
    held = sign_in.puzzle_state.get_attribute("data-held")
    expect(sign_in.puzzle_state).to_have_text(held)
    shoot(page, "puzzle")

    # Who goes on typing has to press again, and may press too early.
    page.locator("#phone").fill(person.phone)
    expect(sign_in.puzzle_state).to_have_text(sign_in.puzzle_state.get_attribute("data-working"))
    page.locator("#phone").press("Enter")
    expect(sign_in.puzzle_state).to_have_text(held)
    assert len(gatehouse.sms.messages(person.phone)) == FREE_CODES


@pytest.mark.parametrize("visitor", [NO_SCRIPTS, NO_SCRIPTS_EN], ids=str)
def test_without_scripts_a_person_waits_instead(install, visit, shoot, visitor):
    gatehouse = install({**AT_ONCE, "puzzle.wait": "2s"})
    person = gatehouse.new_person()
    ask_for_free_codes(gatehouse, person)
    page = visit(visitor)
    page.goto(f"{gatehouse.issuer}/")
    sign_in = SignInPage(page).is_shown()
    sign_in.ask_for_code(person.phone)
    assert sign_in.refusal()
    assert " 2 " in page.locator("#panel-phone noscript").inner_text()
    shoot(page, "puzzle-wait")
    page.wait_for_timeout(2_000)  # what the page asks for
    sign_in.press_send()
    sign_in.is_told_of_code()
    sign_in.enter_code(gatehouse.sms.next_code(person.phone))
    SetPasswordPage(page).is_shown()


@pytest.mark.parametrize("visitor", [DESKTOP_EN, PHONE_ZH], ids=str)
def test_after_ten_wrong_passwords_from_an_address_the_browser_solves_a_puzzle(install, visit, shoot, visitor):
    gatehouse = install()
    person = gatehouse.known_person()
    early = visit(visitor)
    early.goto(f"{gatehouse.issuer}/")
    fail_as_often_as_is_free(gatehouse)

    # Opened afterwards, the page brings a puzzle along; whoever is faster than the browser has nothing to do.
    page = visit(visitor)
    page.goto(f"{gatehouse.issuer}/")
    shoot(page, "puzzle-ahead")
    SignInPage(page).is_shown().enter_password(person.username, PASSWORD)
    expect(page).to_have_url(f"{gatehouse.issuer}/")

    # Opened before, it gets its puzzle with the answer.
    sign_in = SignInPage(early).is_shown()
    fail_as_often_as_is_free_with_puzzles(early, sign_in)
    sign_in.enter_password(person.username, PASSWORD)
    expect(early).to_have_url(f"{gatehouse.issuer}/")


def fail_as_often_as_is_free_with_puzzles(page, sign_in):
    """One attempt without a solution, and a wrong one with it."""
    sign_in.enter_password("nobody", "Wrong-Harbour-42")
    puzzle = sign_in.refusal()
    expect(sign_in.puzzle_state).to_have_text(sign_in.puzzle_state.get_attribute("data-done"))
    sign_in.enter_password("nobody", "Wrong-Harbour-42")
    expect(sign_in.alert).not_to_have_text(puzzle)


def test_a_browser_whose_search_fails_waits_as_one_without_scripts(install, visit):
    gatehouse = install({"puzzle.wait": "1s"})
    person = gatehouse.known_person()
    fail_as_often_as_is_free(gatehouse)
    page = visit()
    page.add_init_script("performance.now = () => { throw new Error('broken'); };")
    page.goto(f"{gatehouse.issuer}/")
    sign_in = SignInPage(page).is_shown()
    expect(sign_in.puzzle_state).to_have_text(sign_in.puzzle_state.get_attribute("data-failed"))
    page.wait_for_timeout(1_000)  # what the page asks for
    sign_in.enter_password(person.username, PASSWORD)
    expect(page).to_have_url(f"{gatehouse.issuer}/")


@pytest.mark.parametrize("visitor", [DESKTOP_ZH, PHONE_EN, NO_SCRIPTS], ids=str)
def test_an_address_that_fails_too_often_is_paused(install, visit, shoot, visitor):
    gatehouse = install({"address.failures": "3"})
    person = gatehouse.known_person()
    page = visit(visitor)
    page.goto(f"{gatehouse.issuer}/")
    sign_in = SignInPage(page).is_shown()
    for number in range(3):
        sign_in.enter_password(f"nobody{number}", "Wrong-Harbour-42")
        expect(page.locator("#username")).to_have_value(f"nobody{number}")
        expect(sign_in.alert).to_be_visible()
    sign_in.enter_password(person.username, PASSWORD)
    sentences = {
        True: "来自您所在网络的错误尝试过多，请在 15 分钟后重试。",
        False: "Too many wrong attempts came from your network. Try again in 15 minutes.",
    }
    expect(sign_in.alert).to_have_text(sentences[visitor.locale.startswith("zh")])
    shoot(page, "paused")
