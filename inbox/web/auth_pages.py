"""Signing in, signing out, and setting a password by a link."""

from __future__ import annotations

import re
import secrets

from aiohttp import web

from inbox.actions.agents import use_link
from inbox.actions.sessions import SESSION_LIFE, sign_in, sign_out
from inbox.actions.setup import is_set_up
from inbox.queries.agents import credentials, link_owner
from inbox.rules.permissions import Actor
from inbox.rules.texts import N_
from inbox.runtime.passwords import MIN_LENGTH, hash_password, password_fits
from inbox.runtime.secrets import hash_token
from inbox.runtime.throttle import Throttle
from inbox.web.visit import SESSION_COOKIE, Visit, visit

# Five tries at once, then one in half a minute; per account and, wider, per address.
BY_ACCOUNT: web.AppKey[Throttle] = web.AppKey("login_by_account", Throttle)
BY_REMOTE: web.AppKey[Throttle] = web.AppKey("login_by_remote", Throttle)

_LOCAL = re.compile(r"/(?:(?![/\\])[!-~]+)?")


async def show_login(request: web.Request) -> web.StreamResponse:
    """The form; before set-up it leads there, after signing in to the inbox."""
    here = visit(request)
    if not await here.resources.database.read(is_set_up):
        return here.see_other("/setup")
    if here.signed_in is not None:
        return here.see_other("/")
    return here.page("auth/login.html", email="", next=local_address(request.query.get("next", "/")), error="")


async def log_in(request: web.Request) -> web.StreamResponse:
    """Check the password and begin a session. Wrong tries are slowed down per account and per address."""
    here = visit(request)
    form = await request.post()
    email, password = str(form.get("email", "")).strip().lower()[:254], str(form.get("password", ""))
    after = local_address(str(form.get("next", "/")))
    by_account, by_remote = request.app[BY_ACCOUNT], request.app[BY_REMOTE]
    wait = max(by_account.wait(email), by_remote.wait(here.remote))
    if wait:
        words = here.language.gettext(N_("Too many tries. Wait {seconds} s and try again.")).format(seconds=wait)
        page = here.page("auth/login.html", status=429, email=email, next=after, error=words)
        page.headers["Retry-After"] = str(wait)
        return page
    by_account.count(email)
    by_remote.count(here.remote)
    known = await here.resources.database.read(credentials, email)
    if not await password_fits(known.password_hash if known else None, password) or known is None:
        words = here.language.gettext(N_("The e-mail address and the password do not fit together."))
        return here.page("auth/login.html", status=422, email=email, next=after, error=words)
    by_account.forget(email)
    by_remote.give_back(here.remote)
    return await begin_session(here, known.agent_id, after)


async def log_out(request: web.Request) -> web.StreamResponse:
    """End the session of this browser."""
    here = visit(request)
    await here.write(sign_out, here.agent.session_id)
    answer = here.see_other("/login")
    answer.del_cookie(SESSION_COOKIE)
    return answer


async def show_link(request: web.Request) -> web.StreamResponse:
    """The page of an invitation or a reset."""
    here = visit(request)
    owner = await here.resources.database.read(link_owner, hash_token(request.match_info["token"]))
    return here.page("auth/link.html", owner=owner, error="", least=MIN_LENGTH)


async def accept_link(request: web.Request) -> web.StreamResponse:
    """Set the password and sign in."""
    here = visit(request)
    token = hash_token(request.match_info["token"])
    owner = await here.resources.database.read(link_owner, token)
    password = str((await request.post()).get("password", ""))
    if len(password) < MIN_LENGTH:
        words = here.language.gettext(N_("At least {least} characters.")).format(least=MIN_LENGTH)
        return here.page("auth/link.html", status=422, owner=owner, error=words, least=MIN_LENGTH)
    hashed = await hash_password(password)
    agent_id = await here.resources.database.write(use_link, Actor.system(), token, hashed)
    return await begin_session(here, agent_id, "/")


async def begin_session(here: Visit, agent_id: int, after: str) -> web.Response:
    """Start a session in this browser and go on."""
    token = secrets.token_urlsafe(32)
    await here.resources.database.write(
        sign_in,
        Actor.system(),
        agent_id,
        hash_token(token),
        remote=here.remote,
        user_agent=here.request.headers.get("User-Agent", ""),
    )
    answer = here.see_other(after)
    answer.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=int(SESSION_LIFE.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=here.resources.settings.secure,
    )
    return answer


def local_address(address: str) -> str:
    """Only a path of ours: an address of another site would make the login page its accomplice.

    Browsers drop tabs and line ends from addresses and read a backslash as a slash, so only plain characters pass.
    """
    return address if _LOCAL.fullmatch(address) else "/"
