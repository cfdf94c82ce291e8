"""The matrix from role to permission: each role adds to the one below it, and every permission exists."""

from __future__ import annotations

from itertools import pairwise

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission

from history.records import HistoryRow
from tenants.context import tenant
from tenants.models import Tenant, User
from tenants.roles import PERMISSIONS, STAFF, Role

RISING = [Role.VIEWER, Role.AGENT, Role.MANAGER, Role.ADMIN, Role.OWNER]


def in_the_database() -> set[str]:
    found = Permission.objects.values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in found}


@pytest.mark.django_db
@pytest.mark.parametrize("role", RISING)
def test_every_permission_of_a_role_exists(role: Role) -> None:
    assert PERMISSIONS[role] - in_the_database() == frozenset()


def test_every_role_is_in_the_matrix_and_has_more_than_the_one_below() -> None:
    assert set(PERMISSIONS) == set(Role)
    for lower, higher in pairwise(RISING):
        assert PERMISSIONS[lower] < PERMISSIONS[higher]


def test_only_those_who_set_things_up_see_the_admin_pages() -> None:
    assert {Role.OWNER, Role.ADMIN} == STAFF


def test_nobody_may_rewrite_history_or_make_tenants_and_users() -> None:
    history = {
        f"{model._meta.app_label}.{action}_{model._meta.model_name}"
        for model in apps.get_models()
        if issubclass(model, HistoryRow) or model._meta.label == "history.Operation"
        for action in ("add", "change", "delete")
    }
    others = {f"tenants.{action}_{model}" for action in ("add", "delete") for model in ("tenant", "user")} | {
        "tenants.change_user"
    }
    assert PERMISSIONS[Role.OWNER] & (history | others) == frozenset()


@pytest.mark.parametrize("role", RISING)
def test_a_person_has_exactly_what_the_role_grants(
    role: Role, people: dict[str, User], acme: Tenant, globex: Tenant
) -> None:
    person = User.objects.get(pk=people[role].pk)
    assert person.get_all_permissions() == set()
    with tenant(acme):
        assert person.get_all_permissions() == PERMISSIONS[role]
        assert person.is_staff == (role in STAFF)
        assert all(person.has_perm(permission) for permission in PERMISSIONS[role])
        assert not any(person.has_perm(p) for p in PERMISSIONS[Role.OWNER] - PERMISSIONS[role])
    with tenant(globex):
        assert person.get_all_permissions() == set()
        assert not person.is_staff


def test_who_is_no_longer_active_may_do_nothing(people: dict[str, User], acme: Tenant) -> None:
    owner = User.objects.get(pk=people["owner"].pk)
    owner.is_active = False
    with tenant(acme):
        assert not owner.has_perm("customers.view_customer")
        assert owner.get_all_permissions() == set()
        assert not owner.is_staff


def test_nobody_is_above_the_roles(people: dict[str, User]) -> None:
    for person in people.values():
        assert not person.is_superuser
