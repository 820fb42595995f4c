"""Signing in and out, what each role may do, and everything by which somebody might come in without."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from fastapi.testclient import TestClient
from tests.builders import a_call
from tests.web.sites import QUICK, Site
from tests.web.visitors import HOST, ORIGIN, OURS, PASSWORD, add, sign_in, signed_in, visitor

from postcall.app import create_app
from postcall.configure.passwords import Passwords
from postcall.domain.people import Role
from postcall.storage.page_schema import sessions
from postcall.storage.sessions import LIFE
from postcall.storage.users import change_password, change_role, find_credentials, remove_user
from postcall.web.session_cookie import COOKIE
from postcall.web.sign_in_page import WRONG
from postcall.web.sign_in_throttle import OF_ONE_USER, WINDOW

PAGE = "/evaluation"
ASK_AGAIN = "/calls/call-1/extractions"


def count_sessions(site: Site) -> int:
    count = sa.select(sa.func.count()).select_from(sessions)
    return site.desk.record.read(lambda c: int(c.execute(count).scalar_one()))


def carry(site: Site, token: str) -> TestClient:
    """Another browser that carries this token."""
    client = visitor(site)
    client.cookies.set(COOKIE, token)
    return client


def a_done_call(site: Site) -> None:
    site.desk.hand_in(a_call("call-1"))
    site.desk.extract()


def test_the_form_leads_back_to_the_page_that_was_asked_for(site: Site) -> None:
    client = visitor(site)
    asked = client.get("/calls?status=completed&agent=a b")
    assert asked.status_code == 303
    form = client.get(asked.headers["location"]).text
    assert 'name="next" value="/calls?status=completed&amp;agent=a%20b"' in form
    user = add(site)
    reply = sign_in(client, user.email, onward="/calls?status=completed&agent=a%20b")
    assert (reply.status_code, reply.headers["location"]) == (303, "/calls?status=completed&agent=a%20b")
    assert client.get(PAGE).status_code == 200


def test_the_cookie_is_for_no_script_and_no_other_site(site: Site) -> None:
    cookie = sign_in(visitor(site), add(site).email).headers["set-cookie"]
    parts = {part.strip().casefold() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/"} <= parts
    assert not any(part.startswith("domain") for part in parts)
    assert "secure" not in parts, "or a browser would not send it over http"


def test_over_https_the_cookie_never_travels_in_the_clear(site: Site) -> None:
    user, client = add(site), visitor(site)
    form = {"email": user.email, "password": PASSWORD}
    for headers in ({"x-forwarded-proto": "https"}, {"x-forwarded-proto": "HTTPS, http"}):
        reply = client.post("/sign-in", data=form, headers={**headers, "origin": f"https://{HOST}"})
        assert reply.status_code == 303
        assert "; secure" in reply.headers["set-cookie"].casefold()


def test_the_address_is_taken_in_any_spelling_and_the_password_in_one(site: Site) -> None:
    user = add(site)
    assert sign_in(visitor(site), f" {user.email.upper()} ").status_code == 303
    assert sign_in(visitor(site), user.email, PASSWORD.upper()).status_code == 401
    assert sign_in(visitor(site), user.email, PASSWORD + " ").status_code == 401


@pytest.mark.parametrize("email", ["editor@clinic.example", "nobody@clinic.example", "", "a\x00b@c", "x" * 5000])
def test_a_failure_does_not_say_whether_there_is_such_a_user(site: Site, email: str) -> None:
    add(site)
    reply = sign_in(visitor(site), email, "wrong password")
    assert reply.status_code == 401
    assert WRONG in reply.text
    assert "set-cookie" not in reply.headers
    assert "wrong password" not in reply.text


@pytest.mark.parametrize("form", [{}, {"email": "editor@clinic.example"}, {"password": PASSWORD}])
def test_half_a_form_signs_nobody_in(site: Site, form: dict[str, str]) -> None:
    add(site)
    assert visitor(site).post("/sign-in", data=form, headers=OURS).status_code == 401


def test_every_page_says_who_is_signed_in_and_offers_to_sign_out(site: Site) -> None:
    client = signed_in(site)
    for path in ("/try", "/evaluation", "/nowhere"):
        text = client.get(path).text
        assert "Editor" in text
        assert 'action="/sign-out"' in text
    at_machine = site.client().get(PAGE).text
    assert 'action="/sign-out"' not in at_machine


def test_a_stranger_learns_nothing_of_the_site_from_its_form_and_errors(site: Site) -> None:
    client = visitor(site)
    for path in ("/sign-in", "/nowhere"):
        text = client.get(path).text
        assert "Answers come from" not in text
        assert "Evaluations" not in text


def test_who_has_signed_in_is_not_asked_again(site: Site) -> None:
    reply = signed_in(site).get("/sign-in?next=/try")
    assert (reply.status_code, reply.headers["location"]) == (303, "/try")


def test_where_nobody_can_sign_in_yet_the_form_says_how_to_add_somebody(site: Site) -> None:
    assert "postcall users add" in visitor(site).get("/sign-in").text
    add(site)
    assert "postcall users add" not in visitor(site).get("/sign-in").text


@pytest.mark.parametrize("role", Role)
def test_every_role_may_look_and_only_readers_change_nothing(site: Site, role: Role) -> None:
    a_done_call(site)
    client = signed_in(site, role)
    for path in ("/calls", "/calls.json", "/calls/call-1", "/calls/call-1.json", "/metrics", "/evaluation"):
        assert client.get(path).status_code == 200, path
    reply = client.post(ASK_AGAIN, headers=OURS)
    jobs = len(site.desk.claim())
    if role is Role.READER:
        assert (reply.status_code, jobs) == (403, 0)
        assert "Your role is reader" in reply.text
    else:
        assert (reply.status_code, jobs) == (303, 1)


def test_a_reader_is_refused_wherever_they_write(site: Site) -> None:
    client = signed_in(site, Role.READER)
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for path in ("/try", "/calls/call-1/labels"):
            assert client.request(method, path, headers=OURS).status_code in {403, 405}
    assert client.post("/sign-out", headers=OURS).status_code == 303
    assert client.get(PAGE).status_code == 303


def test_a_reader_is_told_why_instead_of_shown_a_form_whose_buttons_are_refused(site: Site) -> None:
    reader, editor = signed_in(site, Role.READER), signed_in(site, Role.EDITOR)
    home = editor.post("/dashboards", data={"template": "web-chat", "name": "Chats"}, headers=OURS).headers["location"]
    for path in ("/dashboards/new", f"{home}/edit", f"{home}/edit/new", f"{home}/delete", "/try"):
        refused = reader.get(path)
        assert (refused.status_code, editor.get(path).status_code) == (403, 200), path
        assert "yours is reader" in refused.text
    assert 'href="/try"' not in reader.get("/dashboards").text
    assert 'href="/try"' in editor.get("/dashboards").text


def test_signing_out_ends_the_session_and_not_only_the_cookie(site: Site) -> None:
    client = signed_in(site)
    token = client.cookies[COOKIE]
    reply = client.post("/sign-out", headers=OURS)
    assert (reply.status_code, reply.headers["location"]) == (303, "/")
    assert COOKIE not in client.cookies
    assert carry(site, token).get(PAGE).status_code == 303
    assert count_sessions(site) == 0


def test_signing_out_takes_a_form_and_not_a_link(site: Site) -> None:
    client = signed_in(site)
    assert client.get("/sign-out").status_code == 405
    assert client.get(PAGE).status_code == 200


def test_a_token_that_somebody_planted_is_not_taken_over(site: Site) -> None:
    planted = "planted-" * 6
    client = carry(site, planted)
    assert sign_in(client, add(site).email).status_code == 303
    assert carry(site, planted).get(PAGE).status_code == 303
    assert count_sessions(site) == 1


def test_signing_in_again_gives_another_token_and_ends_the_one_before(site: Site) -> None:
    client = signed_in(site)
    first = client.cookies[COOKIE]
    sign_in(client, "editor@clinic.example")
    second = client.cookies[COOKIE]
    assert second != first
    assert carry(site, first).get(PAGE).status_code == 303
    assert carry(site, second).get(PAGE).status_code == 200


def test_a_session_lasts_as_long_as_somebody_comes_by_every_fortnight(site: Site) -> None:
    client = signed_in(site)
    for _ in range(3):
        site.desk.clock.advance(LIFE.total_seconds() - 1)
        assert client.get(PAGE).status_code == 200
    site.desk.clock.advance(LIFE.total_seconds())
    assert client.get(PAGE).status_code == 303


@pytest.mark.parametrize("what", ["removed", "another password", "another role"])
def test_whoever_is_removed_or_changed_loses_access_at_once(site: Site, what: str) -> None:
    client, desk = signed_in(site), site.desk
    email = "editor@clinic.example"
    changes: dict[str, Any] = {
        "removed": lambda c: remove_user(c, desk.pk, email),
        "another password": lambda c: change_password(c, desk.pk, email, QUICK.keep("another good one")),
        "another role": lambda c: change_role(c, desk.pk, email, Role.READER),
    }
    assert client.get(PAGE).status_code == 200
    desk.record.write(changes[what])
    assert client.get(PAGE).status_code == 303
    assert client.get("/calls.json").status_code == 401
    again = {"removed": 401, "another password": 401, "another role": 303}
    assert sign_in(client, email).status_code == again[what]


def test_a_change_that_comes_too_late_is_not_made_and_says_so(site: Site) -> None:
    a_done_call(site)
    client = signed_in(site)
    site.desk.record.write(lambda c: remove_user(c, site.desk.pk, "editor@clinic.example"))
    reply = client.post(ASK_AGAIN, headers={**OURS, "referer": f"{ORIGIN}/calls/call-1"})
    assert reply.status_code == 401
    assert "nothing was changed" in reply.text
    assert 'name="next" value="/calls/call-1"' in reply.text
    assert site.desk.claim() == []


def test_a_page_that_looks_again_by_itself_leaves_for_the_form(site: Site) -> None:
    headers = {"hx-request": "true", "hx-current-url": f"{ORIGIN}/calls?agent=clinic"}
    reply = visitor(site).get("/calls", headers=headers)
    assert reply.status_code == 401
    assert reply.headers["hx-redirect"] == "/sign-in?next=%2Fcalls%3Fagent%3Dclinic"
    assert "<html" not in reply.text


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": ORIGIN},
        {"origin": "https://evil.example"},
        {"origin": f"http://{HOST}.evil.example"},
        {"origin": f"http://{HOST}:8000"},
        {"origin": "null"},
        {"origin": "https://evil.example", "x-forwarded-host": "evil.example"},
        {"referer": f"https://evil.example/?{ORIGIN}"},
        {},
    ],
)
def test_another_site_cannot_use_somebodys_session(site: Site, headers: dict[str, str]) -> None:
    a_done_call(site)
    client = signed_in(site, Role.ADMIN)
    assert client.post(ASK_AGAIN, headers=headers).status_code == 403
    assert site.desk.claim() == []
    assert client.post("/sign-out", headers=headers).status_code == 403
    assert client.get(PAGE).status_code == 200


def test_another_site_cannot_sign_somebody_in_as_somebody_else(site: Site) -> None:
    form = {"email": add(site).email, "password": PASSWORD}
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {}):
        reply = visitor(site).post("/sign-in", data=form, headers=headers)
        assert reply.status_code == 403
        assert "set-cookie" not in reply.headers
    assert count_sessions(site) == 0


def test_behind_a_proxy_that_changes_the_host_a_browsers_own_word_counts(site: Site) -> None:
    """Over https every browser says where a form comes from, whatever the Host has become on the way."""
    client = site.client(host="127.0.0.1:8000")
    form = {"email": add(site).email, "password": PASSWORD}
    proxied = {"x-forwarded-for": "10.0.0.7", "x-forwarded-proto": "https", "origin": "https://calls.example.org"}
    assert client.post("/sign-in", data=form, headers=proxied).status_code == 403
    reply = client.post("/sign-in", data=form, headers={**proxied, "sec-fetch-site": "same-origin"})
    assert reply.status_code == 303


@pytest.mark.parametrize(
    "onward",
    [
        "https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "evil",
        "/\t/evil.example", "/\n/evil.example", "\t//evil.example", " //evil.example", "javascript:alert(1)", "",
        "/postcall/v1/calls", "/sign-out", "/sign-in?next=/", "http:/calls", "/" + "a" * 3000, "/\u2028/evil.example",
    ],
)  # fmt: skip
def test_the_form_never_leads_to_another_site(site: Site, onward: str) -> None:
    client = visitor(site)
    form = client.get("/sign-in", params={"next": onward}).text
    assert 'name="next" value="/"' in form
    reply = sign_in(client, add(site).email, onward=onward)
    assert (reply.status_code, reply.headers["location"]) == (303, "/")


@pytest.mark.parametrize("onward", ["/calls", "/try?a=1", "/calls/c%2F1?x=//y", "/calls/1#answer-2", "/calls?q=é"])
def test_the_form_leads_on_to_pages_of_ours(site: Site, onward: str) -> None:
    reply = sign_in(visitor(site), add(site).email, onward=onward)
    assert reply.headers["location"] in {onward, onward.replace("é", "%C3%A9")}


def test_after_ten_wrong_passwords_even_the_right_one_waits(site: Site) -> None:
    user, client = add(site), visitor(site)
    for _ in range(OF_ONE_USER):
        assert sign_in(client, user.email, "wrong password").status_code == 401
    reply = sign_in(client, user.email)
    assert reply.status_code == 429
    assert "Wait 15 minutes" in reply.text
    assert reply.headers["retry-after"] == "900"
    other = site.client(host=HOST, peer="10.9.9.9")
    assert sign_in(other, user.email.upper()).status_code == 429
    site.desk.clock.advance(WINDOW.total_seconds())
    assert sign_in(client, user.email).status_code == 303


def test_an_unknown_address_is_made_to_wait_like_a_known_one(site: Site) -> None:
    client = visitor(site)
    codes = [sign_in(client, "nobody@clinic.example", "wrong").status_code for _ in range(OF_ONE_USER + 1)]
    assert codes == [401] * OF_ONE_USER + [429]


def test_being_kept_waiting_does_not_sign_out_who_is_in(site: Site) -> None:
    client = signed_in(site)
    for _ in range(OF_ONE_USER + 1):
        sign_in(visitor(site), "editor@clinic.example", "wrong")
    assert client.get(PAGE).status_code == 200


def test_a_password_kept_at_other_costs_is_kept_anew_when_it_is_used(site: Site) -> None:
    earlier = Passwords(PasswordHasher(time_cost=2, memory_cost=1024, parallelism=1)).keep(PASSWORD)
    user = add(site, password=earlier)
    client = visitor(site)
    assert sign_in(client, user.email, "wrong password").status_code == 401
    assert kept(site, user.email) == earlier
    assert sign_in(client, user.email).status_code == 303
    assert kept(site, user.email) != earlier
    assert QUICK.matches(kept(site, user.email), PASSWORD)
    assert client.get(PAGE).status_code == 200


def test_an_application_checks_and_keeps_passwords_at_their_full_cost(site: Site) -> None:
    user = add(site)
    site.app.state.passwords = create_app(site.app.state.services, site.app.state.analyser).state.passwords
    assert PasswordHasher().check_needs_rehash(kept(site, user.email))
    assert sign_in(visitor(site), user.email).status_code == 303
    assert not PasswordHasher().check_needs_rehash(kept(site, user.email))


def kept(site: Site, email: str) -> str:
    found = site.desk.record.read(lambda c: find_credentials(c, email))
    assert found is not None
    return found.password


def test_a_session_opens_no_interface(site: Site) -> None:
    client = signed_in(site, Role.ADMIN)
    assert client.get("/postcall/v1/calls").status_code == 401
    assert client.post("/postcall/v1/calls", json={}, headers=OURS).status_code == 401


def test_a_key_opens_no_page(site: Site) -> None:
    secret = site.desk.key().secret
    for headers in ({"x-api-key": secret}, {"authorization": f"Bearer {secret}"}, {"cookie": f"{COOKIE}={secret}"}):
        assert visitor(site).get("/calls.json", headers=headers).status_code == 401


def test_at_the_machine_itself_nobody_signs_in_but_may(site: Site) -> None:
    local = site.client()
    assert local.get(PAGE).status_code == 200
    sign_in(local, add(site, Role.READER).email)
    assert "Reader" in local.get(PAGE).text
    assert local.post("/try", headers={"origin": "http://127.0.0.1:8000"}).status_code == 403
    local.post("/sign-out", headers={"origin": "http://127.0.0.1:8000"})
    assert local.post("/try", headers={"origin": "http://127.0.0.1:8000"}).status_code != 403
