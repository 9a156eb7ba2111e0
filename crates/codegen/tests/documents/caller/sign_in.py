"""Connects to a server as an assistant does: registers, has its user sign in with a key and agree, and gets a token."""

import base64
import hashlib
import html.parser
import http.cookiejar
import json
import secrets
import urllib.error
import urllib.parse
import urllib.request

REDIRECT = "http://127.0.0.1/callback"
PAGES = 10


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


class Forms(html.parser.HTMLParser):
    """The forms of a page: where each goes, and its fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, list[dict]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        stated = dict(attributes)
        if tag == "form":
            self.forms.append((stated["action"], []))
        elif tag == "input" and self.forms:
            self.forms[-1][1].append(stated)


class User:
    """The user at the browser, who gives the same key in every field that asks for one, and allows everything."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()), NoRedirect)

    def _open(self, url: str, form: list[tuple[str, str]] | None) -> tuple[str | None, str]:
        """Where an address leads, or its page."""
        data = form and urllib.parse.urlencode(form).encode()
        origin = urllib.parse.urljoin(url, "/").rstrip("/")
        request = urllib.request.Request(url, data, {"Accept": "text/html", **({"Origin": origin} if form else {})})
        try:
            with self._opener.open(request) as answer:
                return None, answer.read().decode()
        except urllib.error.HTTPError as error:
            if location := error.headers["Location"]:
                return urllib.parse.urljoin(url, location), ""
            raise RuntimeError(f"{error.code} at {url}: {error.read().decode()}") from error

    def _fill(self, page: str) -> tuple[str, list[tuple[str, str]]]:
        for action, fields in Forms(page).forms:
            form = [(field["name"], self._value(field)) for field in fields if field.get("type") != "checkbox"]
            form += [(field["name"], field["value"]) for field in fields if field.get("type") == "checkbox"]
            if action == "/sign-in":
                return action, form
            if action == "/oauth/authorize":
                return action, [*form, ("decision", "allow")]
        raise RuntimeError(f"a page without a form that goes on: {page}")

    def _value(self, field: dict) -> str:
        return self._key if field.get("type") == "password" else field.get("value") or ""

    def follow(self, url: str) -> dict:
        """The parameters that bring the client its code."""
        form = None
        for _ in range(PAGES):
            location, page = self._open(url, form)
            if location and location.startswith(REDIRECT):
                return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(location).query))
            action, form = (location, None) if location else self._fill(page)
            url = urllib.parse.urljoin(url, action)
        raise RuntimeError(f"no end to the pages at {url}")


def ask(url: str, body: bytes | None = None, kind: str = "application/json") -> dict:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, {"Content-Type": kind})) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise RuntimeError(f"{error.code} at {url}: {error.read().decode()}") from error


def token(origin: str, key: str) -> str:
    """An access token for all scopes."""
    server = ask(f"{origin}/.well-known/oauth-authorization-server")
    protected = ask(f"{origin}/.well-known/oauth-protected-resource/mcp")
    metadata = {"client_name": "A caller of all tools", "redirect_uris": [REDIRECT], "token_endpoint_auth_method": "none"}
    client = {"client_id": ask(server["registration_endpoint"], json.dumps(metadata).encode())["client_id"]}
    client |= {"redirect_uri": REDIRECT, "resource": protected["resource"]}
    verifier = secrets.token_urlsafe(32)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {"response_type": "code", "scope": " ".join(protected["scopes_supported"]), "code_challenge": challenge}
    asked |= {"code_challenge_method": "S256", **client}
    back = User(key).follow(f"{server['authorization_endpoint']}?{urllib.parse.urlencode(asked)}")
    if "code" not in back:
        raise RuntimeError(f"no code: {back}")
    form = {"grant_type": "authorization_code", "code": back["code"], "code_verifier": verifier, **client}
    return ask(server["token_endpoint"], urllib.parse.urlencode(form).encode(), "application/x-www-form-urlencoded")["access_token"]
