"""The tenant keeps its own segments, statuses and channels. The three lists share their code; each is walked once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from customers.models import Customer
from history.models import Operation
from marketing.models import Channel, Entry, Segment, Status
from tenants.context import tenant
from tenants.models import Tenant, User
from tests.people import lists_of

SignIn = Callable[[User], Client]
LISTS: list[tuple[str, type[Any]]] = [("segments", Segment), ("statuses", Status), ("channels", Channel)]
every_list = pytest.mark.parametrize(("slug", "model"), LISTS)


@pytest.fixture
def admin(people: dict[str, User], signed_in: SignIn) -> Client:
    return signed_in(people["admin"])


def names(company: Tenant, model: type[Entry] = Segment) -> list[str]:
    """The offered entries in their order."""
    with tenant(company):
        return [entry.name for entry in model.offered()]


def entry_called(company: Tenant, name: str, model: type[Entry] = Segment) -> Any:
    with tenant(company):
        return model.objects.get(name=name)


def latest_operation(company: Tenant) -> Operation:
    with tenant(company):
        return Operation.objects.select_related("by").latest("id")


def operations(company: Tenant) -> int:
    with tenant(company):
        return Operation.objects.count()


def use(company: Tenant, owner: User, entry: Entry, times: int = 1, disabled: bool = False) -> None:
    from history.operations import operation

    with tenant(company), operation("edit", by=owner):
        for number in range(times):
            customer = Customer.objects.create(
                name=f"Customer {number}", **{**lists_of(company), str(entry._meta.model_name): entry}
            )
            if disabled:
                customer.disable(by=owner, reason="Test")


@every_list
def test_an_admin_sees_the_list_with_how_many_customers_use_each(
    acme: Tenant, people: dict[str, User], admin: Client, slug: str, model: type[Any]
) -> None:
    first = names(acme, model)[0]
    use(acme, people["owner"], entry_called(acme, first, model), times=2, disabled=True)
    answer = admin.get(f"/acme/settings/{slug}/")
    assert answer.status_code == 200
    shown = {entry.name: entry.used for entry in answer.context["offered"]}
    assert list(shown) == names(acme, model)
    assert shown[first] == 2
    pk = entry_called(acme, first, model).pk
    key = str(model._meta.model_name)
    assert f'href="/acme/customers/?{key}={pk}&amp;state=all">2</a>' in answer.content.decode()


def test_the_page_asks_once_for_all_counts(
    acme: Tenant, admin: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    admin.get("/acme/settings/segments/")
    with django_assert_max_num_queries(9):
        admin.get("/acme/settings/segments/")


def test_an_empty_list_says_what_to_do(acme: Tenant, people: dict[str, User], admin: Client) -> None:
    from history.operations import operation

    with tenant(acme), operation("settings", by=people["owner"]):
        Segment.objects.all().delete()
    answer = admin.get("/acme/settings/segments/").content.decode()
    assert "Nothing to choose from" in answer
    assert "Add segment" in answer


@every_list
def test_an_added_entry_comes_last(
    acme: Tenant, people: dict[str, User], admin: Client, slug: str, model: type[Any]
) -> None:
    answer = admin.post(f"/acme/settings/{slug}/add/", {"name": "  Café  ", "colour": "purple"}, follow=True)
    assert "Café is added." in answer.content.decode()
    assert names(acme, model)[-1] == "Café"
    operation = latest_operation(acme)
    assert (operation.kind, operation.by) == ("settings", people["admin"])
    assert operation.summary == f"Added {model._meta.model_name} “Café”"
    with tenant(acme):
        record = model.objects.get(name="Café").history.get()
    assert (record.history_type, record.colour, record.operation_id) == ("+", "purple", operation.pk)
    assert operation.summary in admin.get(f"/acme/settings/{slug}/").content.decode()


@pytest.mark.parametrize("name", ["enterprise", "ENTERPRISE", " Énterprise "])
def test_a_name_that_exists_in_any_case_is_refused_at_the_field(
    acme: Tenant, admin: Client, name: str
) -> None:
    before = operations(acme)
    answer = admin.post("/acme/settings/segments/add/", {"name": name, "colour": "red"})
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"name": ["There is “Enterprise” already."]}
    assert f'value="{name}"' in answer.content.decode()
    assert len(names(acme)) == 4
    assert operations(acme) == before


def test_the_name_of_a_retired_entry_is_taken_and_the_message_says_so(acme: Tenant, admin: Client) -> None:
    admin.post(f"/acme/settings/segments/{entry_called(acme, 'Enterprise').pk}/retire/")
    answer = admin.post("/acme/settings/segments/add/", {"name": "enterprise", "colour": "red"})
    assert "It is retired: reinstate it instead." in str(answer.context["form"].errors)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": "", "colour": "red"}, "name"),
        ({"name": "x" * 10_000, "colour": "red"}, "name"),
        ({"name": "a\x00b", "colour": "red"}, "name"),
        ({"name": "a\nb\tc\x07", "colour": "red"}, "name"),
        ({"name": "Fine", "colour": "url(x)"}, "colour"),
        ({"name": "Fine"}, "colour"),
    ],
)
def test_what_cannot_be_kept_is_refused(
    acme: Tenant, admin: Client, typed: dict[str, str], field: str
) -> None:
    before = operations(acme)
    answer = admin.post("/acme/settings/segments/add/", typed)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert (len(names(acme)), operations(acme)) == (4, before)


def test_the_race_for_a_name_becomes_the_same_error(
    acme: Tenant, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from marketing.forms import EntryForm

    # As if the other one were saved after our check.
    monkeypatch.setattr(EntryForm, "clean_name", lambda form: form.cleaned_data["name"])
    monkeypatch.setattr(EntryForm, "_post_clean", lambda form: setattr(form.instance, "name", "Enterprise"))
    before = operations(acme)
    answer = admin.post("/acme/settings/segments/add/", {"name": "Enterprise", "colour": "red"})
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"name": ["There is one with this name already."]}
    assert (len(names(acme)), operations(acme)) == (4, before)


@every_list
def test_an_entry_is_renamed_and_coloured(acme: Tenant, admin: Client, slug: str, model: type[Any]) -> None:
    entry = entry_called(acme, names(acme, model)[0], model)
    assert admin.get(f"/acme/settings/{slug}/{entry.pk}/edit/").status_code == 200
    answer = admin.post(f"/acme/settings/{slug}/{entry.pk}/edit/", {"name": "Other", "colour": "pink"})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/acme/settings/{slug}/")
    with tenant(acme):
        newest, oldest = entry.history.all()
    assert (oldest.name, newest.name, newest.colour) == (entry.name, "Other", "pink")
    assert (
        latest_operation(acme).summary
        == f"Changed {model._meta.model_name} “{entry.name}”: now “Other”, pink"
    )


def test_an_entry_keeps_its_own_name_when_only_the_case_changes(acme: Tenant, admin: Client) -> None:
    pk = entry_called(acme, "Enterprise").pk
    admin.post(f"/acme/settings/segments/{pk}/edit/", {"name": "ENTERPRISE", "colour": "indigo"})
    assert "ENTERPRISE" in names(acme)


def test_saving_without_a_change_writes_nothing(acme: Tenant, admin: Client) -> None:
    before = operations(acme)
    pk = entry_called(acme, "Enterprise").pk
    answer = admin.post(
        f"/acme/settings/segments/{pk}/edit/", {"name": "Enterprise", "colour": "indigo"}, follow=True
    )
    assert "Nothing was changed." in answer.content.decode()
    assert operations(acme) == before


def test_a_name_taken_by_another_is_refused_when_renaming(acme: Tenant, admin: Client) -> None:
    pk = entry_called(acme, "Enterprise").pk
    answer = admin.post(f"/acme/settings/segments/{pk}/edit/", {"name": "PRIVATE", "colour": "indigo"})
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"name": ["There is “Private” already."]}
    assert "Enterprise" in names(acme)


def test_entries_move_up_and_down(acme: Tenant, admin: Client) -> None:
    first, second, third, last = names(acme)
    address = f"/acme/settings/segments/{entry_called(acme, third).pk}"
    answer = admin.post(f"{address}/up/", follow=True)
    assert names(acme) == [first, third, second, last]
    assert b"autofocus" in answer.content
    admin.post(f"{address}/down/")
    assert names(acme) == [first, second, third, last]
    admin.post(f"{address}/down/")
    before = operations(acme)
    admin.post(f"{address}/down/")  # already at the end
    assert names(acme) == [first, second, last, third]
    assert operations(acme) == before


def test_entries_with_equal_positions_can_be_moved(
    acme: Tenant, people: dict[str, User], admin: Client
) -> None:
    from history.operations import operation

    with tenant(acme), operation("settings", by=people["owner"]):
        Segment.objects.update(position=0)
    entry = entry_called(acme, names(acme)[2])
    admin.post(f"/acme/settings/segments/{entry.pk}/up/")
    assert names(acme).index(entry.name) == 1


def test_another_entry_becomes_the_default(acme: Tenant, admin: Client) -> None:
    entry = entry_called(acme, "Private")
    admin.post(f"/acme/settings/segments/{entry.pk}/make-default/")
    with tenant(acme):
        assert [one.name for one in Segment.objects.filter(is_default=True)] == ["Private"]
        old = Segment.objects.get(name="Small business").history.first()
        assert old is not None
        assert (old.is_default, old.operation_id) == (False, latest_operation(acme).pk)


def test_a_retired_default_is_the_default_no_more(acme: Tenant, admin: Client) -> None:
    entry = entry_called(acme, "Small business")
    answer = admin.post(f"/acme/settings/segments/{entry.pk}/retire/", follow=True)
    page = answer.content.decode()
    assert "None is the default, so whoever adds a customer chooses." in page
    assert [one.name for one in answer.context["retired"]] == ["Small business"]
    with tenant(acme):
        assert Segment.default() is None
    assert "Small business" not in names(acme)


def test_a_reinstated_entry_is_offered_again_at_the_end(acme: Tenant, admin: Client) -> None:
    address = f"/acme/settings/segments/{entry_called(acme, 'Small business').pk}"
    admin.post(f"{address}/retire/")
    admin.post(f"{address}/reinstate/")
    assert names(acme)[-1] == "Small business"
    assert latest_operation(acme).summary == "Reinstated segment “Small business”"


def test_making_a_retired_entry_the_default_reinstates_it(acme: Tenant, admin: Client) -> None:
    entry = entry_called(acme, "Private")
    admin.post(f"/acme/settings/segments/{entry.pk}/retire/")
    admin.post(f"/acme/settings/segments/{entry.pk}/make-default/")
    with tenant(acme):
        assert Segment.default() == entry
    assert "Private" in names(acme)


def test_moving_a_retired_entry_changes_nothing(acme: Tenant, admin: Client) -> None:
    entry = entry_called(acme, "Private")
    admin.post(f"/acme/settings/segments/{entry.pk}/retire/")
    before = operations(acme)
    assert admin.post(f"/acme/settings/segments/{entry.pk}/up/").status_code == 302
    assert operations(acme) == before


@pytest.mark.parametrize("query", ["?up=x", "?up=9e99&down=", "?down=%00", "?page=x"])
def test_a_malformed_address_still_shows_the_page(acme: Tenant, admin: Client, query: str) -> None:
    assert admin.get(f"/acme/settings/segments/{query}").status_code == 200
