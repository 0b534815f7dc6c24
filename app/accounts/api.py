"""Tokens for programs."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import request

from app.accounts import queries, service
from app.core.access import ANYONE, SIGNED_IN, allow, viewer
from app.core.http import Schema, api_blueprint, not_replayed

bp = api_blueprint("accounts_api", __name__, url_prefix="/api/v1")


class SignIn(Schema):
    login = ma.fields.String(required=True, validate=ma.validate.Length(1, 64))
    password = ma.fields.String(required=True, validate=ma.validate.Length(1, 1000))


class Token(ma.Schema):
    token = ma.fields.String()
    expires_at = ma.fields.DateTime()


class Me(ma.Schema):
    id = ma.fields.UUID()
    login = ma.fields.String()
    name = ma.fields.String()
    locale = ma.fields.String()
    roles = ma.fields.List(ma.fields.Dict())


@bp.post("/tokens")
@bp.arguments(SignIn)
@bp.response(201, Token)
@allow(ANYONE)
@not_replayed
def sign_in(values: dict[str, Any]) -> dict[str, Any]:
    """A token for `Authorization: Bearer`."""
    user = service.check_password(values["login"], values["password"])
    token, ends = service.issue_token(user)
    return {"token": token, "expires_at": ends}


@bp.delete("/tokens/current")
@bp.response(204)
@allow(SIGNED_IN)
def sign_out() -> None:
    """End the token that this call carries."""
    service.revoke_token(request.headers.get("Authorization", "").removeprefix("Bearer ").strip())


@bp.get("/me")
@bp.response(200, Me)
@allow(SIGNED_IN)
def me() -> dict[str, Any]:
    """Who the caller is and which roles they hold where."""
    asking = viewer()
    names = {unit_id: found.name for unit_id in asking.unit_ids if (found := queries.unit(unit_id))}
    return {
        "id": asking.id,
        "login": asking.login,
        "name": asking.name,
        "locale": asking.locale,
        "roles": [{"role": role, "unit_id": unit_id, "unit": names.get(unit_id)} for role, unit_id in asking.roles],
    }
