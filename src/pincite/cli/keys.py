"""``pincite keys``."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Column, Table

from pincite.errors import InputError
from pincite.settings import Settings

if TYPE_CHECKING:
    from pincite.state.keys import ApiKey, KeyRole

_ROLES = click.Choice(["ask", "manage"])
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group("keys")
def keys_command() -> None:
    """Make, list and revoke the keys of the server, and set users' passwords.

    A key of the role `ask` may ask, search, read articles and rate answers; `manage` may also
    add, tag and delete articles and read the feedback. A running server sees each change within a
    second.

    \b
    Examples:
      pincite keys add support-bot
      pincite keys add lin --role manage
      pincite keys revoke support-bot
    """


@keys_command.command("add")
@click.argument("name")
@click.option("--role", type=_ROLES, default="ask", show_default=True, help="What it may do.")
@_JSON
@click.pass_context
def _add(ctx: click.Context, name: str, role: "KeyRole", as_json: bool) -> None:
    """Make a key and print it, this once."""
    from pincite.state.store import State

    settings: Settings = ctx.obj
    with State.open(settings.home) as state:
        key, secret = state.keys.add(name, role)
    if as_json:
        click.echo(json.dumps({**asdict(key), "key": secret}, ensure_ascii=False))
        return
    click.echo(secret)
    click.echo(
        f"the key of {key.name!r}, role {key.role}: keep it now, it cannot be shown again", err=True
    )


@keys_command.command("list")
@click.option("--all", "everything", is_flag=True, help="The revoked ones too.")
@_JSON
@click.pass_context
def _list(ctx: click.Context, everything: bool, as_json: bool) -> None:
    """List the keys and when each was used last."""
    from pincite.state.store import State

    settings: Settings = ctx.obj
    with State.open(settings.home) as state:
        keys = [key for key in state.keys.all() if everything or key.revoked is None]
    if as_json:
        click.echo(json.dumps({"keys": [asdict(key) for key in keys]}, ensure_ascii=False))
    elif not keys:
        click.echo("there is no key; make one with `pincite keys add NAME`", err=True)
    else:
        Console(soft_wrap=True, highlight=False).print(_table(keys, everything), markup=False)


def _table(keys: list["ApiKey"], everything: bool) -> Table:
    columns = ["name", "role", "made", "last used", *(["revoked"] if everything else [])]
    table = Table(Column("id", no_wrap=True), *columns, box=None)
    for key in keys:
        days = [key.created[:10], key.last_used or "never"]
        revoked = [key.revoked[:10] if key.revoked else ""] if everything else []
        table.add_row(key.id, key.name, key.role, *days, *revoked)
    return table


@keys_command.command("revoke")
@click.argument("key", metavar="NAME|ID")
@click.pass_context
def _revoke(ctx: click.Context, key: str) -> None:
    """Make a key worthless at once.

    Whoever signed in with it is signed out, too.
    """
    from pincite.state.store import State

    settings: Settings = ctx.obj
    with State.open(settings.home) as state:
        gone = state.keys.revoke(key)
        left = [other for other in state.keys.all() if other.revoked is None]
    click.echo(f"revoked {gone.id} {gone.name} ({gone.role})", err=True)
    if not left and not settings.api_key and not settings.users:
        click.echo(
            "no key is left, so the server lets nobody in: make one with `pincite keys add NAME`",
            err=True,
        )


@keys_command.command("passwd")
@click.argument("name")
@click.option("--role", type=_ROLES, help="What the user may do.  [default: as before, or ask]")
@click.pass_context
def _passwd(ctx: click.Context, name: str, role: "KeyRole | None") -> None:
    """Add a user or set a user's password.

    The users are kept in the file that PINCITE_USERS names. The password is asked for. To take a
    user out, delete the line of that name.
    """
    from pincite.state.users import read_users, set_password

    settings: Settings = ctx.obj
    path = settings.users
    if path is None:
        raise InputError("set PINCITE_USERS to the file in which the users are kept")
    before = read_users(path).get(name.strip()) if path.exists() else None
    password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    set_password(path, name, role or (before.role if before else "ask"), password)
    click.echo(f"{name.strip()} may sign in with the new password", err=True)
